import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type BlocklistConfig, blocklistConfig } from "../../src/governance/blocklist/mod.ts";
import { type Call, createCall, type Request } from "../../src/governance/call.ts";
import { parseConfig } from "../../src/kernel/config_file.ts";
import type { Tier } from "../../src/kernel/tiers.ts";

/** The blocklist as it ships. */
export function shippedBlocklist(): BlocklistConfig {
  const file = new URL("../../services/governance/blocklist.yaml", import.meta.url);
  return blocklistOf(readFileSync(file, "utf8"));
}

export function blocklistOf(text: string): BlocklistConfig {
  const parsed = parseConfig(blocklistConfig, text, "blocklist.yaml");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

export interface Asked extends Partial<Request> {
  readonly tier?: Tier;
  readonly department?: string;
  readonly userId?: string;
}

/** A call of `tool` with `input`, by a user of tier `user` unless told otherwise. */
export function callOf(tool: string, input: unknown, asked: Asked = {}): Call {
  const mcp = /^mcp__(.+?)__(.+)$/.exec(tool);
  const request: Request = {
    surface: "hook",
    event: "PreToolUse",
    target: mcp ? `mcp:${mcp[1]}/${mcp[2]}` : `tool:${tool}`,
    tool,
    input,
    inputPath: "$.tool_input",
    agent: undefined,
    plugin: undefined,
    context: {},
    ...asked,
  };
  const correlation = {
    userId: asked.userId ?? "user-1",
    sessionId: "session-1",
    taskId: "task-1",
    traceId: "0".repeat(32),
    contextId: "context-1",
    clientId: "client-1",
  };
  const caller = { correlation, tier: asked.tier ?? "user", department: asked.department };
  return createCall(caller, request, Date.UTC(2026, 0, 2, 3, 4, 5));
}
