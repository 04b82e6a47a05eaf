import type { McpServerConfig } from "../../../mcp/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { didYouMean } from "../../../kernel/suggest.ts";
import { getConfiguration } from "../../admin/config/load.ts";
import type { CliContext } from "../../context.ts";

/** Every server that is declared, also those that are switched off. */
export async function listServers(context: CliContext): Promise<readonly McpServerConfig[]> {
  return (await getConfiguration(context)).mcp;
}

/** The server of that name. Throws `not_found` with a guess. */
export function getServer(servers: readonly McpServerConfig[], name: string): McpServerConfig {
  const found = servers.find((server) => server.name === name);
  if (found) return found;
  const hint = didYouMean(name, servers.map((server) => server.name)) ??
    'See "spgov plugins mcp list".';
  throw new AppError("not_found", `There is no server ${JSON.stringify(name)}`, { hint });
}
