import type { UpstreamLogLine, UpstreamStatus } from "../../egress/mod.ts";
import { problem } from "../errors.ts";
import { admit, type ApiCaller, type ApiGuard, type ApiRequest } from "./guard.ts";

/** The servers behind the gateway, as far as operators look after them. */
export interface McpServers {
  status(): Promise<readonly UpstreamStatus[]>;
  /** The last lines on standard error of a server's children, injected values redacted. */
  logs(server: string): Promise<readonly UpstreamLogLine[]>;
  /** Ends what runs of a server; the next call starts it again. Answers how many lines were ended. */
  restart(server: string): Promise<number>;
  /** Records that somebody restarted a server; durable when it resolves. */
  recordRestart(caller: ApiCaller, server: string): Promise<void>;
}

export interface McpServersDependencies extends ApiGuard {
  readonly mcpServers: McpServers;
}

/** `GET /api/v1/mcp/servers` */
export async function listServers(
  deps: McpServersDependencies,
  request: ApiRequest,
): Promise<Response> {
  const caller = await admit(deps, request, "mcp:read");
  if (caller instanceof Response) return caller;
  return Response.json({ data: await deps.mcpServers.status() });
}

/** `GET /api/v1/mcp/servers/:server/logs` */
export async function listServerLogs(
  deps: McpServersDependencies,
  request: ApiRequest,
  server: string,
): Promise<Response> {
  const caller = await admit(deps, request, "mcp:read");
  if (caller instanceof Response) return caller;
  return Response.json({ data: await deps.mcpServers.logs(server) });
}

/** `POST /api/v1/mcp/servers/:server/restart` */
export async function restartServer(
  deps: McpServersDependencies,
  request: ApiRequest,
  server: string,
): Promise<Response> {
  const caller = await admit(deps, request, "mcp:write");
  if (caller instanceof Response) return caller;
  const known = await deps.mcpServers.status();
  if (!known.some((each) => each.server === server)) {
    return problem("not_found", `No server "${server}" runs outside the appliance`);
  }
  await deps.mcpServers.recordRestart(caller, server);
  return Response.json({ data: { server, ended: await deps.mcpServers.restart(server) } });
}
