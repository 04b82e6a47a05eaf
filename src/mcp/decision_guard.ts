import { createCall, createScopeStage } from "../governance/mod.ts";
import type { CallProof } from "../egress/mod.ts";
import { canonicalJson } from "../kernel/canonical_json.ts";
import { isUuid } from "../kernel/ids.ts";
import type { LiveToken } from "../oauth/mod.ts";
import type { Authorized, JsonRpcMessage, LineGate } from "../upstream/mod.ts";
import { CALLER_META, type VerifiedCaller } from "./caller_meta.ts";
import { type AllowedDecision, findAllowedDecision, spendDecision } from "./decision_store.ts";
import { holdsScopes, type LineGateOptions, openTokenFor } from "./server_token.ts";

/** What runs nothing. */
const HARMLESS: ReadonlySet<unknown> = new Set([
  "initialize",
  "notifications/initialized",
  "notifications/cancelled",
  "ping",
  "server/discover",
  "tools/list",
]);

/** Milliseconds after which a decision runs nothing any more. */
const MAX_AGE_MS = 5 * 60_000;

/**
 * Lets a tool be called only by a decision: a row that allows this very user and session this very tool with these
 * very arguments, and that nothing was run by before. The token says who it is, and the role, department and
 * scopes that it stands for are looked at again: gateways write rows, and one that was taken over writes what it
 * likes.
 */
export function createDecisionGuard(options: LineGateOptions): LineGate["authorize"] {
  return async (server, message, proof) => {
    if (HARMLESS.has(message?.method)) return { ok: true, message };
    if (message?.method !== "tools/call") return refuse("This server takes no such message");
    try {
      return await authorizeCall(options, server, message, proof);
    } catch {
      return refuse("The decision could not be looked up");
    }
  };
}

async function authorizeCall(
  options: LineGateOptions,
  server: string,
  message: JsonRpcMessage,
  proof: CallProof | undefined,
): Promise<Authorized> {
  const call = callIn(message);
  if (!call || typeof proof?.token !== "string" || !isUuid(proof.callId)) {
    return refuse("The call names no decision");
  }
  const live = await openTokenFor(options, server, proof.token);
  if (!live) return refuse("The token is not good for this server");
  const standing = standingProblem(options, server, call.name, live);
  if (standing !== undefined) return refuse(standing);
  const decision = await findAllowedDecision(options.sql, proof.callId, MAX_AGE_MS);
  if (!decision || !isAbout(decision, live, `mcp:${server}/${call.name}`, call.input)) {
    return refuse("No decision allows this call");
  }
  if (!await spendDecision(options.sql, proof.callId)) {
    return refuse("The decision was used before");
  }
  return { ok: true, message: rewrite(message, call, callerOf(live, decision, proof.callId)) };
}

function refuse(reason: string): Authorized {
  return { ok: false, reason };
}

interface ToolCall {
  readonly name: string;
  readonly input: unknown;
  readonly meta: Readonly<Record<string, unknown>>;
}

function callIn({ params }: JsonRpcMessage): ToolCall | undefined {
  const { name, arguments: input = {}, _meta } = (params ?? {}) as Record<string, unknown>;
  if (typeof name !== "string") return undefined;
  return { name, input, meta: typeof _meta === "object" && _meta !== null ? { ..._meta } : {} };
}

/** What speaks against the call as the holder of the token stands now. */
function standingProblem(
  { setup, clock }: LineGateOptions,
  name: string,
  tool: string,
  { claims, department, departments, groups, keyScopes }: LiveToken,
): string | undefined {
  const { servers, roles, agents } = setup();
  const server = servers.find((each) => each.name === name);
  if (!server) return "There is no such server";
  const own = Object.hasOwn(server.tools, tool) ? server.tools[tool] : undefined;
  if (own?.enabled === false) return "The tool is switched off";
  if (!holdsScopes({ claims }, [...server.oauth.scopes, ...own?.scopes ?? []])) {
    return "The token lacks a scope";
  }
  const { sub, sid, client_id, tier, agent } = claims;
  const correlation = {
    ...{ userId: sub, sessionId: sid, clientId: client_id },
    ...{ taskId: "none", traceId: "none", contextId: "none" },
  };
  const caller = { correlation, tier, department, departments, groups, keyScopes, agent };
  const call = createCall(caller, {
    ...{ surface: "mcp", event: "tools/call", target: `mcp:${name}/${tool}`, tool },
    ...{ input: {}, inputPath: "$", agent: undefined, plugin: undefined, context: {} },
  }, clock.now());
  return createScopeStage(roles, agents).evaluate({ call, tier }).denial?.reason;
}

/** Whether a decision allows exactly this. A row that kept not all of the input allows nothing here. */
function isAbout(
  { userId, sessionId, clientId, target, detail }: AllowedDecision,
  { claims }: LiveToken,
  wanted: string,
  input: unknown,
): boolean {
  return userId === claims.sub && sessionId === claims.sid && clientId === claims.client_id &&
    target === wanted && detail["input_sha256"] === undefined &&
    canonicalJson(detail["input"] ?? {}) === canonicalJson(input);
}

function callerOf(
  { claims }: LiveToken,
  { traceId }: AllowedDecision,
  callId: string,
): VerifiedCaller {
  const { sub, sid, client_id, tier } = claims;
  return { userId: sub, sessionId: sid, clientId: client_id, role: tier, traceId, callId };
}

/** Nothing but what was looked at goes on, with who calls. */
function rewrite(
  { id }: JsonRpcMessage,
  { name, input, meta }: ToolCall,
  caller: VerifiedCaller,
): JsonRpcMessage {
  const message = {
    ...{ jsonrpc: "2.0", id, method: "tools/call" },
    params: { name, arguments: input, _meta: { ...meta, [CALLER_META]: caller } },
  };
  return message as unknown as JsonRpcMessage;
}
