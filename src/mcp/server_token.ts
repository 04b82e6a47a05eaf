import type { AgentConfig } from "../governance/mod.ts";
import { resourcePath } from "../kernel/resource_path.ts";
import { type LiveToken, type LiveTokenContext, openLiveToken, scopesOfKey } from "../oauth/mod.ts";
import { findKeyHolder, isApiKey } from "../identity/mod.ts";
import { createServers, type ServersSetup } from "./oauth_servers.ts";

/** What a gate verifies by. */
export interface LineGateSetup extends ServersSetup {
  readonly agents: readonly AgentConfig[];
}

export interface LineGateOptions extends LiveTokenContext {
  /** The configuration in force. */
  readonly setup: () => LineGateSetup;
}

/** A token that counts now and was made for this server, or for all of them. */
export async function openTokenFor(
  options: LineGateOptions,
  server: string,
  token: string,
): Promise<LiveToken | undefined> {
  if (isApiKey(token)) return await openKeyFor(options, server, token);
  const live = await openLiveToken(options, token);
  if (!live) return undefined;
  const { iss, aud } = live.claims;
  const isFor = [server, "all"].some((name) => aud === iss + resourcePath(name));
  return isFor ? live : undefined;
}

/** An API key that counts now, as what a token for the server would say. */
async function openKeyFor(
  { sql, clock, setup }: LineGateOptions,
  server: string,
  key: string,
): Promise<LiveToken | undefined> {
  const who = await findKeyHolder(sql, clock, key, "mcp");
  if (!who) return undefined;
  const { department, departments, groups, keyScopes, agent } = who;
  const path = resourcePath(server);
  const claims = {
    ...{ iss: "spgov:key", aud: path, sub: who.userId, sid: who.sessionId, jti: who.tokenId },
    ...{ client_id: who.clientId, tier: who.tier, iat: 0, nbf: 0, exp: who.expiresAt / 1000 },
    scope: scopesOfKey(createServers(setup()), path, who).join(" "),
    ...agent !== undefined && { agent },
  };
  return { claims, department, departments, groups, keyScopes };
}

/** Whether the token has all of the scopes. */
export function holdsScopes(
  { claims }: Pick<LiveToken, "claims">,
  needed: readonly string[],
): boolean {
  const held = claims.scope.split(" ");
  return needed.every((scope) => held.includes(scope));
}
