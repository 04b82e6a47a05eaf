import type { McpServerRules } from "../config.ts";
import type { Exchange, McpCaller } from "./exchange.ts";
import { objectAt, type Params, stringAt } from "./message.ts";

/** What a governed request asks a server for. */
export type RouteKind = "tool" | "prompt" | "resource" | "task";

/** Where a governed request goes: to which server, under the name that it has there. */
export interface Route {
  readonly server: McpServerRules;
  readonly kind: RouteKind;
  /** Name of the tool or prompt, address of the resource, id of the task, as the server knows it. */
  readonly name: string;
  /** The parameters with that name. */
  readonly params: Params;
}

/** The endpoint of all servers together. */
export const ALL = "all";

/** What a name of `all` consists of. No server's name holds `_`. */
const MERGED_NAME = /^([a-z0-9][a-z0-9-]*)__(.+)$/s;

/** A name as clients of `all` know it. */
export function mergedName(server: string, name: string): string {
  return `${server}__${name}`;
}

/** The server of a name that a client gave, and the name there. */
export function splitName(
  exchange: Pick<Exchange, "endpoint">,
  name: string,
): { readonly server: string; readonly name: string } | undefined {
  if (exchange.endpoint !== ALL) return { server: exchange.endpoint, name };
  const match = MERGED_NAME.exec(name);
  return match?.[1] === undefined || match[2] === undefined
    ? undefined
    : { server: match[1], name: match[2] };
}

/** The target that rules, rows and prices know it by. Names of tools hold no colon. */
export function targetOf({ server, kind, name }: Pick<Route, "server" | "kind" | "name">): string {
  return kind === "tool" ? `mcp:${server.name}/${name}` : `mcp:${server.name}/${kind}:${name}`;
}

/** The scopes that a token lacks for a server, or for one of its tools. */
export function missingScopes(
  { scopes }: Pick<McpCaller, "scopes">,
  server: McpServerRules,
  tool?: string,
): string[] {
  if (!server.oauth.required) return [];
  const own = tool !== undefined && Object.hasOwn(server.tools, tool)
    ? server.tools[tool]?.scopes ?? []
    : [];
  return [...server.oauth.scopes, ...own].filter((scope) => !scopes.includes(scope));
}

/** The part of the parameters that decides: what is searched, and what the row keeps. */
export function inputOf(
  route: Route,
): { readonly input: unknown; readonly inputPath: string } {
  const { params, kind } = route;
  const answers = params["inputResponses"];
  const { _meta: _, requestState: __, ...rest } = params;
  if (answers !== undefined || kind === "task") return { input: rest, inputPath: "$.params" };
  if (kind === "resource") return { input: { uri: params["uri"] }, inputPath: "$.params" };
  return { input: params["arguments"] ?? {}, inputPath: "$.params.arguments" };
}

/** What goes to the server beside the input. */
export function asideOf({ params, kind }: Route): Params {
  const { name: _, arguments: __, inputResponses: ___, uri: ____, ...rest } = params;
  return kind === "task" ? { _meta: objectAt(rest, "_meta") } : rest;
}

/** The name of what a request of `method` asks for, where it is one that is governed. */
export function governedName(method: string, params: Params | undefined): string | undefined {
  switch (method) {
    case "tools/call":
    case "prompts/get":
      return stringAt(params, "name");
    case "resources/read":
      return stringAt(params, "uri");
  }
  return undefined;
}
