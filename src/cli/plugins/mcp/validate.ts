import { messageOf } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { EXIT } from "../../exit.ts";
import { findRunning, openGateway } from "./gateway.ts";
import { getServer, listServers } from "./servers.ts";

interface ValidateFlags {
  readonly timeout: number;
}

interface Finding {
  readonly server: string;
  readonly valid: boolean;
  readonly health_status: "healthy" | "unhealthy" | "disabled";
  readonly tools_count: number | null;
  readonly latency_ms: number | null;
  readonly server_info: Readonly<Record<string, unknown>> | null;
  readonly issues: readonly string[];
}

export default async function validate(
  this: CliContext,
  { timeout }: ValidateFlags,
  name: string | undefined,
): Promise<void> {
  const servers = await listServers(this);
  const chosen = name === undefined ? servers : [getServer(servers, name)];
  await findRunning(this);
  const results: Finding[] = [];
  for (const { name, enabled } of chosen) {
    results.push(enabled ? await check(this, name, timeout) : { ...UNTRIED, server: name });
  }
  const unhealthy = results.filter(({ valid }) => !valid).length;
  this.out.table({
    kind: "mcp.validate",
    columns: [
      { label: "SERVER", of: ({ server }) => server, keep: true },
      { label: "HEALTH", of: (found) => found.health_status, keep: true },
      { label: "TOOLS", of: (found) => found.tools_count },
      { label: "MS", of: (found) => found.latency_ms },
      { label: "ISSUES", of: ({ issues }) => issues.join("; ") || "-" },
    ],
    rows: results,
    data: {
      results,
      summary: { total: results.length, healthy: results.length - unhealthy, unhealthy },
    },
    empty: "No server is declared.",
  });
  if (unhealthy > 0) this.setExit(EXIT.unavailable);
}

const UNTRIED = {
  valid: true,
  health_status: "disabled",
  tools_count: null,
  latency_ms: null,
  server_info: null,
  issues: [],
} as const;

async function check(context: CliContext, server: string, timeoutMs: number): Promise<Finding> {
  const start = performance.now();
  const finding = await ask(context, server, timeoutMs).catch((error) => ({
    ...UNTRIED,
    valid: false,
    health_status: "unhealthy" as const,
    issues: [messageOf(error)],
  }));
  return { ...finding, server, latency_ms: Math.round(performance.now() - start) };
}

async function ask(context: CliContext, server: string, timeoutMs: number): Promise<Finding> {
  const gateway = await openGateway(context, { server, timeoutMs });
  const discovered = await gateway.request("server/discover", {});
  const about = discovered.ok ? discovered.result : {};
  const capabilities: object = about.capabilities ?? {};
  const tools = "tools" in capabilities ? await gateway.list("tools/list", "tools") : [];
  const issues = discovered.ok ? [] : [discovered.error.message];
  return {
    server,
    valid: issues.length === 0,
    health_status: issues.length === 0 ? "healthy" : "unhealthy",
    tools_count: tools.length,
    latency_ms: 0,
    server_info: about._meta?.["io.modelcontextprotocol/serverInfo"] ?? null,
    issues,
  };
}
