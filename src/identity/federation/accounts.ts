import type { Sql } from "../../db/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { uuidV7 } from "../../kernel/ids.ts";
import type { Tier } from "../../kernel/tiers.ts";
import { type IdentityContext, refuseTaken } from "../context.ts";
import { type Actor, identityEvent } from "../events.ts";
import { highestTier } from "../roles.ts";
import { mergeUser, NEW_USER } from "../user_rules.ts";
import { insertRecorded } from "../users.ts";
import {
  deleteAccount,
  findAccountOwner,
  findByEmail,
  insertAccount,
  isNameTaken,
  touchAccount,
} from "./account_store.ts";

/** Somebody as a provider knows them, proven. */
export interface FederatedPerson {
  readonly provider: string;
  readonly issuer: string;
  readonly subject: string;
  /** Undefined where the provider says none. */
  readonly email: string | undefined;
  /** Whether the email is theirs, for all that the provider and the configuration say. */
  readonly isEmailVerified: boolean;
  readonly name: string | undefined;
  readonly fullName: string | undefined;
}

/** What becomes of somebody whom nobody here knows. */
export interface AccountTerms {
  /** Domains of emails that count, in lower case; all where there are none. */
  readonly emailDomains: readonly string[];
  readonly linkByEmail: boolean;
  readonly create: boolean;
  readonly roles: readonly Tier[];
  readonly department: string | undefined;
}

/** Why nobody was found. */
export type AccountRule = "unknown_account" | "email_unverified" | "email_taken" | "account_taken";

/** Whose the account is, or why it is nobody's. */
export type FoundOwner =
  | { readonly ok: true; readonly userId: string }
  | { readonly ok: false; readonly rule: AccountRule; readonly userId?: string };

/**
 * The user with this account. Somebody unknown gets the user with their email where the terms say so and
 * the user is no administrator, or becomes a user. Recorded as `account_linked` and `user_created`.
 */
export async function findOrMakeOwner(
  context: IdentityContext,
  person: FederatedPerson,
  terms: AccountTerms,
): Promise<FoundOwner> {
  const { issuer, subject, email } = person;
  const known = await findAccountOwner(context.sql, issuer, subject);
  if (known !== undefined) {
    await touchAccount(context.sql, issuer, subject, email ?? null);
    return { ok: true, userId: known };
  }
  if (email === undefined || !isOfDomain(email, terms.emailDomains)) {
    return refuse("unknown_account");
  }
  if (!terms.linkByEmail && !terms.create) return refuse("unknown_account");
  if (!person.isEmailVerified) return refuse("email_unverified");
  return await makeOwner(context, { ...person, email }, terms).catch((error) => {
    // Somebody else took the email, or the account, at the same moment.
    if (error instanceof AppError && error.code === "conflict") return refuse("email_taken");
    throw error;
  });
}

function refuse(rule: AccountRule, userId?: string): FoundOwner {
  return { ok: false, rule, ...userId !== undefined && { userId } };
}

/** Nothing but plain characters: others have look-alikes that lower case makes the same. */
const PLAIN = /^[\x21-\x7e]+$/;

function isOfDomain(email: string, domains: readonly string[]): boolean {
  if (!PLAIN.test(email)) return false;
  const domain = email.slice(email.lastIndexOf("@") + 1).toLowerCase();
  return domains.length === 0 || domains.includes(domain);
}

type WithEmail = FederatedPerson & { readonly email: string };

async function makeOwner(
  context: IdentityContext,
  person: WithEmail,
  terms: AccountTerms,
): Promise<FoundOwner> {
  const { sql: pool, record, clock } = context;
  const work = async (sql: Sql): Promise<FoundOwner> => {
    const existing = await findByEmail(sql, person.email);
    if (existing && (!terms.linkByEmail || existing.isAdmin)) {
      return refuse("email_taken", existing.id);
    }
    if (!existing && !terms.create) return refuse("unknown_account");
    const userId = existing?.id ?? uuidV7(clock.now());
    const actor = actorOf(person, userId, highestTier(terms.roles));
    if (!existing) {
      const fields = await newUserFields(sql, person, terms);
      const user = await insertRecorded(context, sql, actor, userId, fields);
      if (!user) throw new AppError("conflict", "The user's id is taken");
    }
    if (!await insertAccount(sql, { ...person, userId })) {
      throw new AppError("conflict", "The account is taken");
    }
    await record(sql, [identityEvent(actor, "account_linked", accountDetail(person, userId))]);
    return { ok: true, userId };
  };
  return await refuseTaken("The email is taken", () => pool.begin(work) as Promise<FoundOwner>);
}

/** A name that nobody has: one that several have signs nobody in. */
async function newUserFields(sql: Sql, person: WithEmail, { roles, department }: AccountTerms) {
  const wished = person.name ?? person.email.slice(0, person.email.lastIndexOf("@"));
  const name = await isNameTaken(sql, wished) ? person.email : wished;
  return mergeUser(NEW_USER, {
    ...{ email: person.email, emailVerified: true, name, roles },
    ...person.fullName !== undefined && { fullName: person.fullName },
    ...department !== undefined && { department },
  });
}

/** Connects the account to a user who asked for it. Recorded. */
export async function linkAccount(
  { sql: pool, record }: IdentityContext,
  person: FederatedPerson,
  userId: string,
): Promise<FoundOwner> {
  return await pool.begin(async (sql): Promise<FoundOwner> => {
    const account = { ...person, userId, email: person.email ?? null };
    if (!await insertAccount(sql, account)) return refuse("account_taken", userId);
    const detail = accountDetail(person, userId);
    await record(sql, [identityEvent(actorOf(person, userId), "account_linked", detail)]);
    return { ok: true, userId };
  }) as FoundOwner;
}

/** Takes an account from a user: it signs nobody in any more. Recorded. Throws `not_found`. */
export async function unlinkAccount(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  userId: string,
  { issuer, subject }: { readonly issuer: string; readonly subject: string },
): Promise<void> {
  await pool.begin(async (sql) => {
    if (!await deleteAccount(sql, userId, issuer, subject)) {
      throw new AppError("not_found", "The user has no such account");
    }
    const detail = { user_id: userId, issuer, subject };
    await record(sql, [identityEvent(actor, "account_unlinked", detail)]);
  });
}

function accountDetail({ provider, issuer, subject }: FederatedPerson, userId: string) {
  return { user_id: userId, provider, issuer, subject };
}

/** Whoever signs in by a provider, as the cause of a row. */
function actorOf(
  { provider }: FederatedPerson,
  userId: string,
  role: Tier = "anonymous",
): Actor {
  return { userId, role, surface: "api", clientId: `idp.${provider}` };
}
