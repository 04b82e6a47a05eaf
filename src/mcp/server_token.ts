import type { AgentConfig } from "../governance/mod.ts";
import { resourcePath } from "../kernel/resource_path.ts";
import { type LiveToken, type LiveTokenContext, openLiveToken } from "../oauth/mod.ts";
import type { ServersSetup } from "./oauth_servers.ts";

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
  const live = await openLiveToken(options, token);
  if (!live) return undefined;
  const { iss, aud } = live.claims;
  const isFor = [server, "all"].some((name) => aud === iss + resourcePath(name));
  return isFor ? live : undefined;
}

/** Whether the token has all of the scopes. */
export function holdsScopes({ claims }: LiveToken, needed: readonly string[]): boolean {
  const held = claims.scope.split(" ");
  return needed.every((scope) => held.includes(scope));
}
