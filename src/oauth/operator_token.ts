import type { Actor, IdentityContext } from "../identity/mod.ts";
import { AppError } from "../kernel/errors.ts";
import type { Tier } from "../kernel/tiers.ts";
import { oauthSchema } from "./config/mod.ts";
import type { ClientRequest, GrantContext } from "./grants/context.ts";
import { issueTokens, openGrantSession } from "./grants/issue.ts";
import { findTokenHolder } from "./holder_store.ts";
import { OAuthError } from "./oauth_error.ts";
import { RateWindow } from "./rate_window.ts";
import { heldScopes, isWorthGranting, type Servers } from "./servers.ts";
import type { SigningKeys } from "./signing_keys.ts";

/** An access token that an operator issues at the command line. */
export interface OperatorTokenRequest {
  readonly userId: string;
  /** The user's highest unless given. */
  readonly role?: Tier;
  /** A server's name, or `all`. */
  readonly server: string;
  /** What clients address: `http://127.0.0.1:8080`. */
  readonly issuer: string;
  readonly ttlMs: number;
  /** Who will use it, as rows name it. */
  readonly clientId: string;
}

/** The token, and the session of its own that it belongs to. */
export interface OperatorToken {
  readonly token: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly role: Tier;
  readonly resource: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
}

/** The longest life of an access token, in milliseconds. */
export const MAX_ACCESS_MS = 900_000;

/**
 * Opens a session and issues an access token for one server, with every scope of it that the user may hold.
 * Throws `usage`, `not_found`, `denied`.
 */
export async function issueOperatorToken(
  context: IdentityContext & { readonly keys: SigningKeys; readonly servers: Servers },
  actor: Actor,
  wish: OperatorTokenRequest,
): Promise<OperatorToken> {
  const { ttlMs, issuer } = wish;
  if (ttlMs < 1000 || ttlMs > MAX_ACCESS_MS) {
    throw new AppError("usage", "An access token is good for 1s to 15m");
  }
  const server = context.servers.list().find(({ name }) => name === wish.server);
  if (!server) {
    throw new AppError("not_found", `There is no MCP server ${JSON.stringify(wish.server)}`);
  }
  const resource = `${issuer}${server.path}`;
  const grants = grantContext(context, ttlMs);
  const request = operatorRequest(actor, wish);
  const key = await context.keys.current();
  return await context.sql.begin(async (sql) => {
    const holder = await findTokenHolder(sql, wish.userId, wish.role);
    if (!holder) {
      throw new AppError("denied", "The user is not active, banned, or not in this role");
    }
    const scopes = heldScopes(context.servers, server.name, server.scopes, holder);
    if (!isWorthGranting(server.name, scopes)) {
      throw new AppError("denied", `The role ${holder.tier} may not use "${server.name}"`);
    }
    const session = await openGrantSession(grants, sql, request, holder, ttlMs);
    const terms = { holder, session, resource, scopes, grant: "operator" };
    const answer = await issueTokens(grants, sql, request, key, terms);
    return {
      token: String(answer["access_token"]),
      sessionId: session.id,
      userId: holder.id,
      role: holder.tier,
      ...{ resource, scopes, expiresAt: session.expiresAt },
    };
  }) as OperatorToken;
}

function grantContext(
  context: IdentityContext & { readonly keys: SigningKeys; readonly servers: Servers },
  ttlMs: number,
): GrantContext {
  const seconds = Math.ceil(ttlMs / 1000);
  return {
    ...context,
    servers: () => context.servers,
    config: () => ({ ...oauthSchema.parse({}), access_token_seconds: seconds }),
    getClient: () => Promise.reject(new OAuthError("invalid_client", "There is no client")),
    failures: new RateWindow(0, 1, context.clock.monotonic),
  };
}

/** The operator in the place of a client. */
function operatorRequest(
  cause: Actor,
  { clientId, issuer }: OperatorTokenRequest,
): ClientRequest {
  return {
    client: {
      id: clientId,
      kind: "registered",
      name: clientId,
      uri: null,
      redirectUris: [],
      grantTypes: [],
      authMethod: "none",
      jwks: null,
      scopes: null,
      userId: null,
      introspects: false,
    },
    parameters: [],
    issuer,
    traceId: "",
    cause,
  };
}
