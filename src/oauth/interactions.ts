import type { BrowserUser, IdentityContext } from "../identity/mod.ts";
import { browserActor, getUser, identityEvent } from "../identity/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { hashOpaque, isOpaque, newOpaque } from "../kernel/opaque.ts";
import { type AuthorizationRequest, errorUrl } from "./authorize.ts";
import { findConsentedScopes } from "./consent_store.ts";
import { findWaitingDevice } from "./device_store.ts";
import type { ConsentDecision, Interactions } from "./interaction.ts";
import {
  canRemember,
  interactionOfDevice,
  interactionOfRequest,
  shownInteraction,
} from "./interaction_row.ts";
import {
  findInteraction,
  insertInteraction,
  settleInteraction,
  type StoredInteraction,
  takeInteraction,
} from "./interaction_store.ts";
import { OAuthError, type OAuthErrorCode } from "./oauth_error.ts";
import { describeRedirect, withParameters } from "./redirect_uri.ts";
import { intersect, isWithin } from "./scope.ts";
import { heldScopes, isWorthGranting, type Servers } from "./servers.ts";

const CODE_MS = 60_000;

/** `Interactions`, and how they begin. */
export interface InteractionService extends Interactions {
  /** Stores the request and answers the interaction's id. */
  begin(request: AuthorizationRequest): Promise<string>;
  /** The same for the code that a device shows, as typed; undefined when no device waits with it. */
  findDevice(userCode: string): Promise<string | undefined>;
}

export interface InteractionOptions extends IdentityContext {
  readonly servers: () => Servers;
}

/** Authorizations under way, kept in the database: any replica may go on with them. */
export function createInteractions(options: InteractionOptions): InteractionService {
  return {
    begin: (request) => store(options, interactionOfRequest(request, options.clock.now())),
    async findDevice(userCode) {
      const device = await findWaitingDevice(options.sql, normalizeUserCode(userCode));
      return device && await store(options, interactionOfDevice(device, options.clock.now()));
    },
    async find(id) {
      const found = await read(options, id);
      return found && shownInteraction(found);
    },
    next: (id, user) => next(options, id, user),
    complete: (id, user, decision) => complete(options, id, user, decision),
  };
}

/** The letters of a code as a person may type it. */
function normalizeUserCode(text: string): string {
  return text.toUpperCase().replace(/[^A-Z]/g, "").slice(0, 32);
}

async function store({ sql }: InteractionOptions, stored: StoredInteraction): Promise<string> {
  const id = newOpaque();
  await insertInteraction(sql, hashOpaque(id), stored);
  return id;
}

async function read(
  { sql }: InteractionOptions,
  id: string,
): Promise<StoredInteraction | undefined> {
  return isOpaque(id) ? await findInteraction(sql, hashOpaque(id)) : undefined;
}

async function next(
  options: InteractionOptions,
  id: string,
  user: BrowserUser | undefined,
): Promise<string> {
  const stored = await read(options, id) ?? notFound();
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
  { sql, servers }: InteractionOptions,
  { server, scopes }: StoredInteraction,
  { userId, role }: BrowserUser,
): Promise<string[]> {
  const { department } = await getUser(sql, userId);
  return heldScopes(servers(), server, scopes, { tier: role, department });
}

/** Ends it without the person and answers where the client is told so. */
async function fail(
  { sql }: InteractionOptions,
  id: string,
  code: OAuthErrorCode,
): Promise<string> {
  const taken = await takeInteraction(sql, hashOpaque(id)) ?? notFound();
  return answerUrl(taken, new OAuthError(code, "The person would have to be asked"));
}

async function complete(
  options: InteractionOptions,
  id: string,
  user: BrowserUser,
  decision: ConsentDecision,
): Promise<string> {
  const { sql: pool, record } = options;
  const stored = await read(options, id) ?? notFound();
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

function notFound(): never {
  throw new AppError("not_found", "This authorization is over: start again at the application");
}
