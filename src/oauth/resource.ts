import type { Tier } from "../kernel/tiers.ts";

/** Who holds a token that is good for one resource now, or why nobody does. */
export type ResourceAuthentication =
  | {
    readonly ok: true;
    readonly userId: string;
    readonly sessionId: string;
    readonly clientId: string;
    /** The token's own id. */
    readonly tokenId: string;
    readonly tier: Tier;
    readonly department: string | undefined;
    /** Names from the department up to the top of the tree. */
    readonly departments?: readonly string[] | undefined;
    readonly groups?: readonly string[] | undefined;
    /** What an API key reaches of what its tier may; undefined for tokens. */
    readonly keyScopes?: readonly string[] | undefined;
    readonly agent: string | undefined;
    readonly scopes: readonly string[];
    /** Milliseconds since the epoch at which the token ends, without leeway. */
    readonly expiresAt: number;
  }
  | {
    readonly ok: false;
    /** `unavailable`: nothing could be checked, which says nothing about the token. */
    readonly kind: "refused" | "unavailable";
    /** For `WWW-Authenticate`: none was sent, or it is not good. */
    readonly error: "missing" | "invalid_token";
    readonly rule: string;
    readonly reason: string;
    /** Whose token it was, where its signature is genuine. */
    readonly holder?: {
      readonly userId: string;
      readonly sessionId: string;
      readonly clientId: string;
    };
  };

/**
 * Authenticates a bearer token at `resource`, which is the exact URL of one server as the caller addressed
 * it: `<base>/api/v1/mcp/<server>/mcp`. Never throws, and answers within 1.5 s.
 */
export type AuthenticateResource = (
  token: string | undefined,
  resource: string,
) => Promise<ResourceAuthentication>;
