import type { Sql } from "../db/mod.ts";
import {
  type AddressBans,
  type Authenticated,
  Authenticator,
  type AuthFailure,
  failure,
  Gate,
  isApiKey,
  LEEWAY_S,
  type RevocationListener,
  screenToken,
  type SessionUses,
  timeProblem,
  type TokenClaims,
  type TokenFailure,
  type VerifyResult,
} from "../identity/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { inTime } from "../kernel/in_time.ts";
import { hashOpaque } from "../kernel/opaque.ts";
import { type AccessClaims, openAccessToken } from "./access_token.ts";
import type { PublicKeys } from "./public_keys.ts";
import type { ResourceAuthentication } from "./resource.ts";
import { scopesOfKey } from "./key_holder.ts";
import { parseScope } from "./scope.ts";
import type { Servers } from "./servers.ts";
import { findTokenStanding } from "./standing_store.ts";

export interface ResourceGateOptions {
  readonly keys: PublicKeys;
  readonly sql: Sql;
  readonly clock: Clock;
  readonly bans: AddressBans;
  /** Which scopes a resource has: a key has those of them that its own reach. */
  readonly servers: () => Servers;
  /** Where it is noted that a session was used. */
  readonly uses?: SessionUses;
}

/** Claims kept whose signature was verified. */
const CAPACITY = 10_000;
/** Milliseconds that learning the keys may take. */
const DEADLINE_MS = 1500;

/**
 * Lets in who holds an access token that is good for the resource it is shown at. Wire it to the
 * revocations; verified tokens are kept until they end or are revoked.
 */
export class ResourceGate implements RevocationListener {
  readonly #options: ResourceGateOptions;
  readonly #gate: Gate;
  #opened = new Map<string, AccessClaims>();

  constructor(options: ResourceGateOptions) {
    this.#options = options;
    const { sql, clock, bans } = options;
    const verify = (token: string) => this.#verify(token);
    const authenticator = new Authenticator({
      verify,
      findStanding: findTokenStanding,
      sql,
      clock,
    });
    this.#gate = new Gate(authenticator, bans, options.uses);
  }

  /** See `AuthenticateResource`. `address`: the client's, behind trusted proxies. */
  async authenticate(
    token: string | undefined,
    resource: string,
    address: string,
  ): Promise<ResourceAuthentication> {
    if (token !== undefined && isApiKey(token)) {
      return await this.#authenticateKey(token, resource, address);
    }
    const problem = screenToken(token);
    if (problem || token === undefined) return refused(problem ?? failure("missing_token"));
    const claims = await this.#open(token).catch(() => undefined);
    if (!claims) return refused(failure("identity_unavailable"));
    if ("rule" in claims) return refused(claims);
    const refusal = this.#claimProblem(claims, resource);
    if (refusal) return refused(refusal, claims);
    const who = await this.#gate.admit(token, "mcp", address);
    if (!who.ok) return refused(who, who.claims ?? claims);
    return admitted(who, parseScope(claims.scope));
  }

  /** A key is for every resource; what it may do there is what its scopes reach of the resource's. */
  async #authenticateKey(
    key: string,
    resource: string,
    address: string,
  ): Promise<ResourceAuthentication> {
    const who = await this.#gate.admit(key, "mcp", address);
    if (!who.ok) return refused(who, who.claims);
    const scopes = scopesOfKey(this.#options.servers(), new URL(resource).pathname, who);
    return admitted(who, scopes);
  }

  /** Beside what voids tokens and bans: `keys`, the signing keys changed. */
  heard(subject: string): void {
    if (subject === "keys") this.#forgetKeys();
    this.#gate.heard(subject);
  }

  listening(): void {
    this.#forgetKeys();
    this.#gate.listening();
  }

  deaf(): void {
    this.#gate.deaf();
  }

  /** What was verified with a key that is withdrawn does not count any more. */
  #forgetKeys(): void {
    this.#opened = new Map();
    this.#options.keys.outdate();
  }

  #claimProblem({ aud, iss, ...times }: AccessClaims, resource: string): TokenFailure | undefined {
    if (aud !== resource) return failure("wrong_audience");
    if (iss !== new URL(resource).origin) return failure("wrong_issuer");
    const rule = timeProblem(times, this.#options.clock.now(), LEEWAY_S);
    return rule && failure(rule);
  }

  /** The claims of a token whose signature is good. Rejects when the keys cannot be learnt in time. */
  async #open(token: string): Promise<AccessClaims | TokenFailure> {
    const key = hashOpaque(token).toHex();
    const known = this.#opened.get(key);
    if (known) return known;
    const find = (kid: string) => this.#options.keys.find(kid);
    const opened = await inTime(openAccessToken(token, find), DEADLINE_MS, "No key in time");
    if ("rule" in opened) return opened;
    if (this.#opened.size >= CAPACITY) this.#opened = new Map();
    this.#opened.set(key, opened);
    return opened;
  }

  async #verify(token: string): Promise<VerifyResult> {
    const claims = await this.#open(token);
    return "rule" in claims
      ? { ok: false, failure: claims }
      : { ok: true, claims: sessionClaims(claims) };
  }
}

/** An access token as what it is to identity: a token of its session. */
function sessionClaims(claims: AccessClaims): TokenClaims {
  const { iss, sub, sid, jti, tier, client_id, iat, nbf, exp, agent } = claims;
  return {
    ...{ iss, aud: "mcp", sub, sid, jti, tier, client_id, iat, nbf, exp },
    ...agent !== undefined && { agent },
  };
}

function admitted(who: Authenticated, scopes: readonly string[]): ResourceAuthentication {
  const { userId, sessionId, tokenId, clientId, tier, agent, expiresAt } = who;
  const { department, departments, groups, keyScopes } = who;
  return {
    ...{ ok: true, userId, sessionId, tokenId, clientId, tier, agent, scopes, expiresAt },
    ...{ department, departments, groups, keyScopes },
  };
}

function refused(
  { rule, reason, ...rest }: TokenFailure | AuthFailure,
  claims?: Pick<TokenClaims, "sub" | "sid" | "client_id">,
): ResourceAuthentication {
  const unavailable = rule === "identity_unavailable" ||
    "kind" in rest && rest.kind === "unavailable";
  return {
    ok: false,
    kind: unavailable ? "unavailable" : "refused",
    error: rule === "missing_token" ? "missing" : "invalid_token",
    rule,
    reason,
    ...claims && {
      holder: { userId: claims.sub, sessionId: claims.sid, clientId: claims.client_id },
    },
  };
}
