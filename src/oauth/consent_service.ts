import {
  browserActor,
  type BrowserForm,
  type BrowserUser,
  findSessionUser,
  getUser,
  type IdentityContext,
  identityEvent,
  userOfForm,
} from "../identity/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { hashOpaque, newOpaque } from "../kernel/opaque.ts";
import { errorUrl } from "./authorize.ts";
import { findConsentedScopes } from "./consent_store.ts";
import type { ConsentDecision } from "./interaction.ts";
import { findStored, notFound } from "./interaction_lookup.ts";
import { canRemember } from "./interaction_row.ts";
import { settleInteraction, type StoredInteraction, takeInteraction } from "./interaction_store.ts";
import { OAuthError, type OAuthErrorCode } from "./oauth_error.ts";
import { describeRedirect, withParameters } from "./redirect_uri.ts";
import { intersect, isWithin } from "./scope.ts";
import { heldScopes, isWorthGranting, type Servers } from "./servers.ts";

const CODE_MS = 60_000;

/** What settles authorizations, where codes and consents may be written. */
export interface Consents {
  /** See `Interactions.next`. */
  next(id: string, session: string | undefined): Promise<string>;
  /** See `Interactions.complete`. */
  complete(id: string, form: BrowserForm, decision: ConsentDecision): Promise<string>;
}

export interface ConsentOptions extends IdentityContext {
  readonly servers: () => Servers;
}

/**
 * Settles authorizations by what a person's browser shows: its session, and for a decision the token that only a
 * form of that session holds. Whoever hands it over decides nothing.
 */
export function createConsents(options: ConsentOptions): Consents {
  const { sql } = options;
  return {
    next: async (id, session) => await next(options, id, await findSessionUser(sql, session)),
    complete: async (id, form, decision) =>
      await complete(options, id, await userOfForm(sql, form), decision),
  };
}

async function next(
  options: ConsentOptions,
  id: string,
  user: BrowserUser | undefined,
): Promise<string> {
  const stored = await findStored(options.sql, id) ?? notFound();
  const { signInAfter, silent, clientId, resource } = stored;
  if (!user || signInAfter !== null && user.authTime < signInAfter) {
    return silent ? await fail(options, id, "login_required") : page("/sign-in", id);
  }
  const scopes = await grantable(options, stored, user);
  if (!isWorthGranting(stored.server, scopes)) return await complete(options, id, user, NOTHING);
  const agreed = await findConsentedScopes(options.sql, {
    userId: user.userId,
    clientId,
    resource,
  });
  const needsConsent = stored.askConsent || !canRemember(stored) || !isWithin(scopes, agreed);
  if (!needsConsent) return await complete(options, id, user, { allow: true });
  return silent ? await fail(options, id, "consent_required") : page("/consent", id);
}

/** Nothing of what was asked for is this person's to give. */
const NOTHING: ConsentDecision = { allow: false };

function page(path: string, id: string): string {
  return `${path}?interaction=${id}`;
}

/** What of the scopes asked for the person may hold, as they are now. */
async function grantable(
  { sql, servers }: ConsentOptions,
  { server, scopes }: StoredInteraction,
  { userId, role }: BrowserUser,
): Promise<string[]> {
  const { department } = await getUser(sql, userId);
  return heldScopes(servers(), server, scopes, { tier: role, department });
}

/** Ends it without the person and answers where the client is told so. */
async function fail(
  { sql }: ConsentOptions,
  id: string,
  code: OAuthErrorCode,
): Promise<string> {
  const taken = await takeInteraction(sql, hashOpaque(id)) ?? notFound();
  return answerUrl(taken, new OAuthError(code, "The person would have to be asked"));
}

async function complete(
  options: ConsentOptions,
  id: string,
  user: BrowserUser,
  decision: ConsentDecision,
): Promise<string> {
  const { sql: pool, record } = options;
  const stored = await findStored(options.sql, id) ?? notFound();
  if (stored.signInAfter !== null && user.authTime < stored.signInAfter) {
    throw new AppError("forbidden", "This request asks for a new sign-in first");
  }
  const held = await grantable(options, stored, user);
  const scopes = intersect(held, decision.scopes ?? held);
  const allow = decision.allow && isWorthGranting(stored.server, scopes);
  const code = newOpaque();
  const settled = await pool.begin(async (sql) => {
    const remember = allow && decision.once !== true;
    const settlement = { hash: hashOpaque(id), user, allow, scopes, remember };
    const row = await settleInteraction(sql, {
      ...settlement,
      codeHash: hashOpaque(code),
      codeMs: CODE_MS,
    });
    if (row) await record(sql, [consentEvent(user, row, allow, scopes)]);
    return row;
  }) as StoredInteraction | undefined;
  if (!settled) return notFound();
  return answerUrl(settled, allow ? code : new OAuthError("access_denied", REFUSED));
}

const REFUSED = "The person, or their role, did not allow it";

function consentEvent(
  user: BrowserUser,
  { clientId, clientName, resource, kind, redirectUri }: StoredInteraction,
  allow: boolean,
  scopes: readonly string[],
) {
  const detail = {
    user_id: user.userId,
    client: { id: clientId, name: clientName },
    ...{ flow: kind, resource, scopes: allow ? scopes : [] },
    ...redirectUri !== null && { returns_to: describeRedirect(redirectUri) },
  };
  return identityEvent(
    { ...browserActor(user), clientId },
    allow ? "consent_given" : "consent_refused",
    detail,
    user.sessionId,
  );
}

/** Where the browser goes with a code or an error: to the client, or to the device's own page. */
function answerUrl(stored: StoredInteraction, answer: string | OAuthError): string {
  const { redirectUri, state, issuer } = stored;
  if (redirectUri === null) {
    return `/device?done=${typeof answer === "string" ? "allowed" : "denied"}`;
  }
  if (typeof answer !== "string") {
    return errorUrl({ redirectUri, state: state ?? undefined, issuer }, answer);
  }
  return withParameters(redirectUri, { code: answer, state: state ?? undefined, iss: issuer });
}
