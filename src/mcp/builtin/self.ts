import { McpServer } from "@modelcontextprotocol/server";
import type { Pool } from "../../db/mod.ts";
import type { LimitsConfig } from "../../governance/mod.ts";
import type { Clock } from "../../kernel/clock.ts";
import { VERSION } from "../../kernel/version.ts";
import type { McpCaller } from "../gateway/mod.ts";
import { toolAdder } from "./read_tool.ts";
import { addLimitTools } from "./self_limits.ts";
import { addUsageTools } from "./self_usage.ts";

export interface SelfOptions {
  readonly sql: Pool;
  readonly clock: Clock;
  readonly limits: () => LimitsConfig;
}

/**
 * What a caller may know of itself: its own calls, of its agent alone where the token is bound to one. Who that
 * is comes from the token; no argument names anybody.
 */
export function createSelfServer(
  { sql, clock, limits }: SelfOptions,
  caller: McpCaller,
): McpServer {
  const server = new McpServer({ name: "self", title: "Self", version: VERSION }, {
    instructions: "Your own error rate, latency, cost, denials, budgets and limits. Nobody else's.",
  });
  const add = toolAdder(server, clock);
  addUsageTools(add, sql, { userId: caller.userId, agent: caller.agent });
  addLimitTools(add, sql, caller, limits);
  return server;
}
