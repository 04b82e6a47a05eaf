import type {
  FederationMethods,
  FederationResult,
  FederationReturn,
  FederationStart,
  FederationStarted,
} from "../egress/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { hashOpaque, isOpaque } from "../kernel/opaque.ts";
import type { Sql } from "../db/mod.ts";
import {
  type BrowserOrigin,
  type BrowserUser,
  findBrowserSession,
} from "./browser_session_store.ts";
import { browserActor, IDLE_MS } from "./browser_sessions.ts";
import { isFormToken } from "./form_token.ts";
import {
  beginPasskeySignIn,
  beginRegistration,
  finishRegistration,
  type PasskeyHost,
  type PasskeySignIn,
  removePasskey,
  signInWithPasskey,
} from "./passkeys/mod.ts";
import type { PasswordHasher } from "./passwords/mod.ts";
import {
  changeOwnPassword,
  isRecent,
  type PasswordChange,
  recordFailure,
  type SignInContext,
  type SignInResult,
  signInWithFederation,
  signInWithLink,
  signInWithPassword,
} from "./sign_in/mod.ts";

/** What a form of somebody signed in carries, as a gateway got it: proof that it was there. */
export interface BrowserForm {
  /** The value of the session's cookie. */
  readonly session: string;
  /** What only a form of this very session holds. */
  readonly formToken: string;
}

/**
 * What is done for people at a browser where it counts: in the isolate whose login alone may write sessions,
 * credentials and grants. A gateway hands over what a browser sent; its own word is not enough.
 */
export interface People {
  signInWithPassword(
    given: { readonly login: string; readonly password: string },
    origin: BrowserOrigin,
  ): Promise<SignInResult>;
  beginPasskeySignIn(where: PasskeySignIn): Promise<object>;
  signInWithPasskey(
    where: PasskeySignIn,
    answer: string,
    origin: BrowserOrigin,
  ): Promise<SignInResult>;
  signInWithLink(token: string, origin: BrowserOrigin): Promise<SignInResult>;
  changeOwnPassword(
    form: BrowserForm,
    passwords: { readonly current: string; readonly next: string },
    origin: BrowserOrigin,
  ): Promise<PasswordChange>;
  beginRegistration(form: BrowserForm, host: PasskeyHost): Promise<object>;
  finishRegistration(
    form: BrowserForm,
    host: PasskeyHost,
    answer: { readonly name: string; readonly json: string },
  ): Promise<void>;
  removePasskey(form: BrowserForm, id: string): Promise<void>;
  /** To a provider; with a form to connect an account there to whoever sent the form. */
  beginFederated(
    start: Omit<FederationStart, "userId">,
    form: BrowserForm | undefined,
  ): Promise<FederationStarted>;
  /** Back from a provider. `session`: of who is signed in in this browser already. */
  finishFederated(
    answer: FederationReturn,
    session: string | undefined,
    origin: BrowserOrigin,
  ): Promise<FederatedSignIn>;
}

/** What a provider answered, and who was signed in by that; nobody where an account was to be connected. */
export interface FederatedSignIn {
  readonly result: FederationResult;
  readonly signedIn: SignInResult | undefined;
}

/** Makes it; `hasher` bounds what is computed at once, `federation` speaks to identity providers. */
export function createPeople(
  context: SignInContext,
  hasher: PasswordHasher,
  federation: FederationMethods,
): People {
  const { sql, clock } = context;
  /** Whoever signed in long ago proves it again: a passkey outlives a stolen session. */
  async function recent(form: BrowserForm): Promise<BrowserUser> {
    const user = await userOfForm(sql, form);
    if (isRecent(user, clock.now())) return user;
    throw new AppError("unauthenticated", "Sign in again first.");
  }
  return {
    signInWithPassword: (given, origin) => signInWithPassword(context, hasher, given, origin),
    beginPasskeySignIn: (where) => beginPasskeySignIn(sql, where),
    signInWithPasskey: (where, answer, origin) => signInWithPasskey(context, where, answer, origin),
    signInWithLink: (token, origin) => signInWithLink(context, token, origin),
    changeOwnPassword: async (form, passwords, origin) =>
      await changeOwnPassword(context, hasher, await userOfForm(sql, form), passwords, origin),
    async beginRegistration(form, host) {
      const user = await recent(form);
      return await beginRegistration(sql, { user, host, holder: hashOpaque(form.session) });
    },
    async finishRegistration(form, host, answer) {
      const user = await recent(form);
      const registration = { user, host, holder: hashOpaque(form.session) };
      await finishRegistration(context, browserActor(user), registration, answer);
    },
    async removePasskey(form, id) {
      const user = await recent(form);
      await removePasskey(context, browserActor(user), user.userId, id);
    },
    async beginFederated(start, form) {
      const userId = form && (await recent(form)).userId;
      return await federation.beginFederation({ ...start, userId });
    },
    async finishFederated(answer, session, origin) {
      const result = await federation.finishFederation(answer);
      if (result.ok && result.linked) return { result, signedIn: undefined };
      const isSomebody = await findSessionUser(sql, session) !== undefined;
      if (!result.ok && isSomebody && result.rule !== "stale_proof") {
        // Whoever was connecting an account stays who they are.
        await recordFailure(context, "federation", origin, result);
        return { result, signedIn: undefined };
      }
      return { result, signedIn: await signInWithFederation(context, result, origin) };
    },
  };
}

/** Whose session it is, where it counts now; undefined for any other text. */
export async function findSessionUser(
  sql: Sql,
  session: string | undefined,
): Promise<BrowserUser | undefined> {
  if (!isOpaque(session)) return undefined;
  const found = await findBrowserSession(sql, hashOpaque(session), IDLE_MS);
  if (!found) return undefined;
  const { due: _, ...user } = found;
  return user;
}

/** The person who sent a form. Throws `forbidden` where it is none of a session that counts now. */
export async function userOfForm(
  sql: Sql,
  { session, formToken }: BrowserForm,
): Promise<BrowserUser> {
  const user = await findSessionUser(sql, session);
  if (user && isFormToken(session, formToken)) return user;
  throw new AppError("forbidden", "This form did not come from somebody who is signed in");
}
