import { ensureOperator, getUser, LOCAL_OPERATOR } from "../../../identity/mod.ts";
import type { Tier } from "../../../kernel/tiers.ts";
import { createServers } from "../../../mcp/mod.ts";
import { issueOperatorToken, MAX_ACCESS_MS, type OperatorToken } from "../../../oauth/mod.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { findAddress } from "../../core/hooks/address.ts";
import { openDatabase } from "../../database.ts";
import { getConfiguration } from "../config/load.ts";
import { openSigningKeys } from "../oauth/keys/open.ts";

export interface AccessTokenRequest {
  /** Id, email or name; the local operator unless given. */
  readonly user?: string;
  /** The user's highest unless given. */
  readonly role?: Tier;
  /** A server's name, or `all`. */
  readonly server: string;
  /** What clients address; the profile's public URL or the local address unless given. */
  readonly url?: string;
  /** 15 minutes unless given. */
  readonly ttlMs?: number;
  /** Who will use it, as rows name it; `spgov-cli` unless given. */
  readonly clientId?: string;
}

/** Issues an access token for one MCP server at this machine's command line. */
export async function createAccessToken(
  context: CliContext,
  { user: reference, role, server, url, ttlMs = MAX_ACCESS_MS, clientId = "spgov-cli" }:
    AccessTokenRequest,
): Promise<OperatorToken> {
  const { sql } = await openDatabase(context);
  const { mcp, profile, governance } = await getConfiguration(context);
  const running = mcp.filter(({ enabled, dev_only }) =>
    enabled && (!dev_only || profile.development)
  );
  const identity = identityContext(context, sql);
  const user = reference === undefined
    ? (await ensureOperator(identity)).user
    : await getUser(sql, reference);
  const keys = await openSigningKeys(context, sql);
  const servers = createServers({ servers: running, roles: governance.roles });
  const issuer = url ?? profile.server.public_url ?? (await findAddress(context)).url;
  return await issueOperatorToken({ ...identity, keys, servers }, LOCAL_OPERATOR, {
    ...{ userId: user.id, server, ttlMs, clientId },
    issuer: issuer.replace(/\/+$/, ""),
    ...role !== undefined && { role },
  });
}
