import type { McpServerRules } from "../config.ts";
import type { ToolDefinition } from "../tool_hash.ts";
import type { Core } from "./core.ts";
import { paramsFor, resultFor } from "./era.ts";
import { callerOf, type Exchange } from "./exchange.ts";
import { CODES, errorReply, isObject, type Params, type Reply, stringAt } from "./message.ts";
import type { Hold } from "./pool.ts";
import { cleanResult } from "./result_scan.ts";
import { ALL, mergedName, missingScopes, type RouteKind, targetOf } from "./route.ts";
import { toolsOf } from "./sight.ts";

/** The lists of the protocol: what their items are, and which capability a server needs for one. */
const LISTS = {
  "tools/list": { member: "tools", kind: "tool", id: "name", capability: "tools" },
  "prompts/list": { member: "prompts", kind: "prompt", id: "name", capability: "prompts" },
  "resources/list": { member: "resources", kind: "resource", id: "uri", capability: "resources" },
  "resources/templates/list": {
    member: "resourceTemplates",
    kind: "resource",
    id: "uriTemplate",
    capability: "resources",
  },
} as const satisfies Record<
  string,
  { member: string; kind: RouteKind; id: string; capability: string }
>;

type ListMethod = keyof typeof LISTS;

export function isListMethod(method: string): method is ListMethod {
  return Object.hasOwn(LISTS, method);
}

/** The servers behind an endpoint that a caller may use at all, by name. */
export function visibleServers(
  core: Core,
  { endpoint, caller }: Pick<Exchange, "endpoint" | "caller">,
): McpServerRules[] {
  const servers = [...core.servers().values()].sort((a, b) => a.name < b.name ? -1 : 1);
  return endpoint === ALL
    ? servers.filter((server) => missingScopes(caller, server).length === 0)
    : servers.filter(({ name }) => name === endpoint);
}

/** One page of a list, with what the caller may not call left out. */
export async function listPage(
  core: Core,
  exchange: Exchange,
  method: ListMethod,
): Promise<Reply> {
  const servers = visibleServers(core, exchange);
  const cursor = stringAt(exchange.request.params, "cursor");
  if (exchange.endpoint !== ALL) {
    const [server] = servers;
    return server
      ? await serverPage(core, exchange, method, server, cursor)
      : errorReply(CODES.invalidParams, "This server is not there any more");
  }
  const from = cursor === undefined ? { server: "", cursor: undefined } : parseCursor(cursor);
  if (!from) return errorReply(CODES.invalidParams, "This cursor was not given out here");
  return await mergedPage(core, exchange, method, servers, from);
}

interface MergedCursor {
  readonly server: string;
  readonly cursor: string | undefined;
}

/** Goes through the servers one after the other, until there is something to show. */
async function mergedPage(
  core: Core,
  exchange: Exchange,
  method: ListMethod,
  servers: readonly McpServerRules[],
  from: MergedCursor,
): Promise<Reply> {
  const { member, id } = LISTS[method];
  const left = servers.filter(({ name }) => name >= from.server);
  for (const [at, server] of left.entries()) {
    const cursor = server.name === from.server ? from.cursor : undefined;
    // A server that does not answer takes nothing from the others.
    const reply = await serverPage(core, exchange, method, server, cursor).catch(() => undefined);
    if (!reply || "error" in reply) continue;
    const items = reply.result[member];
    const next = stringAt(reply.result, "nextCursor");
    const following = left[at + 1];
    if (Array.isArray(items) && items.length === 0 && next === undefined && following) continue;
    const nextCursor = next !== undefined
      ? writeCursor({ server: server.name, cursor: next })
      : following && writeCursor({ server: following.name, cursor: undefined });
    const { nextCursor: _, ...result } = reply.result;
    const named = id === "name" && Array.isArray(items)
      ? items.map((item) => ({ ...item, name: mergedName(server.name, String(item["name"])) }))
      : items;
    return { result: { ...result, [member]: named, ...nextCursor && { nextCursor } } };
  }
  return { result: resultFor(exchange.client.era, method, { [member]: [] }) };
}

function writeCursor({ server, cursor }: MergedCursor): string {
  const bytes = new TextEncoder().encode(JSON.stringify([server, cursor ?? null]));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function parseCursor(text: string): MergedCursor | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    const [server, cursor] = JSON.parse(new TextDecoder().decode(bytes));
    return { server: String(server), cursor: typeof cursor === "string" ? cursor : undefined };
  } catch {
    return undefined;
  }
}

async function serverPage(
  core: Core,
  exchange: Exchange,
  method: ListMethod,
  server: McpServerRules,
  cursor: string | undefined,
): Promise<Reply> {
  const hold = await core.pool.get(server, exchange);
  try {
    return await heldPage(core, exchange, method, server, hold, cursor);
  } finally {
    hold.release();
  }
}

async function heldPage(
  core: Core,
  exchange: Exchange,
  method: ListMethod,
  server: McpServerRules,
  { upstream }: Hold,
  cursor: string | undefined,
): Promise<Reply> {
  const { member, kind, id, capability } = LISTS[method];
  const { era } = exchange.client;
  if (upstream.capabilities[capability] === undefined) {
    return exchange.endpoint === ALL
      ? { result: resultFor(era, method, { [member]: [] }) }
      : errorReply(CODES.methodNotFound, `The server has no ${capability}`);
  }
  const { cursor: _, ...plain } = exchange.request.params ?? {};
  const asked = cursor === undefined ? plain : { ...plain, cursor };
  const { reply } = await upstream.request({
    method,
    params: paramsFor(upstream.era, asked, exchange.client),
    signal: AbortSignal.any([exchange.signal, AbortSignal.timeout(server.timeout_ms)]),
  });
  if ("error" in reply) return reply;
  const found = reply.result[member];
  const items = Array.isArray(found) ? found.filter(isObject) : [];
  const pinned = method === "tools/list" && server.pinning === "enforce"
    ? await withoutUnapproved(core, exchange, server, upstream, toolsOf(items))
    : items;
  const shown = pinned.filter((item) =>
    mayCall(core, exchange, server, kind, String(item[id] ?? ""))
  );
  const { value } = cleanResult(core.scanner(), { ...reply.result, [member]: shown }, "$.result");
  return { result: resultFor(era, method, value as Params) };
}

async function withoutUnapproved(
  core: Core,
  { client }: Exchange,
  server: McpServerRules,
  upstream: Hold["upstream"],
  tools: readonly ToolDefinition[],
): Promise<ToolDefinition[]> {
  const { hashes } = await core.sight.note(server, upstream, client, tools);
  const problems = await Promise.all(
    tools.map(({ name }) => core.book.problemOf(server.name, name, hashes)),
  );
  return tools.filter((_, at) => problems[at] === undefined);
}

/**
 * Whether a caller may call something, as far as that does not depend on the arguments: its scopes, the
 * switch in the configuration, who it is, rules about names, and policies where none looks at arguments.
 */
export function mayCall(
  core: Core,
  exchange: Exchange,
  server: McpServerRules,
  kind: RouteKind,
  name: string,
): boolean {
  const tool = kind === "tool" ? name : undefined;
  if (missingScopes(exchange.caller, server, tool).length > 0) return false;
  if (tool !== undefined && Object.hasOwn(server.tools, tool) && !server.tools[tool]?.enabled) {
    return false;
  }
  return !core.governor.excludes(callerOf(exchange), {
    surface: "mcp",
    event: exchange.request.method,
    target: targetOf({ server, kind, name }),
    tool: kind === "resource" ? "" : name,
    agent: undefined,
    plugin: undefined,
    context: {},
  });
}
