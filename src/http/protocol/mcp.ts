import type { Failure, Governor } from "../../governance/mod.ts";
import { newTraceId, traceIdOf } from "../../kernel/ids.ts";
import type { McpCaller, McpGateway } from "../../mcp/gateway/mod.ts";
import { resourcePath } from "../../kernel/resource_path.ts";
import type { ResourceAuthentication } from "../../oauth/mod.ts";
import { type BaseOptions, baseUrlOf } from "../base_url.ts";
import { readJsonBody } from "../json_body.ts";
import type { Environment } from "../routes.ts";
import { whileAdmitted } from "./admitted_stream.ts";
import { bearerOf } from "./hooks.ts";

/** Bytes that the body of a request may have. */
const MAX_MCP_BYTES = 8 * 1024 * 1024;

export interface McpDependencies {
  readonly governor: Governor;
  readonly mcp: Pick<McpGateway, "serve" | "find" | "list">;
  base(): BaseOptions;
  authenticateResource(
    token: string | undefined,
    resource: string,
    address: string,
  ): Promise<ResourceAuthentication>;
  mayRecordFailure(address: string): boolean;
  /** Hands a request over to the gateway that holds its session; undefined where there is none. */
  handOver(
    gateway: number,
    endpoint: string,
    request: Request,
    body: unknown,
    env: Environment["Bindings"],
  ): Promise<Response | undefined>;
}

/** One request, as far as it was looked at. */
interface Arrived {
  readonly request: Request;
  readonly env: Environment["Bindings"];
  /** The name of the server that was addressed, or `all`. */
  readonly endpoint: string;
  /** The URL of that endpoint, which tokens must be made for. */
  readonly resource: string;
  /** Scopes that any use of it takes. */
  readonly scopes: readonly string[];
  /** Whether nobody in particular may call it. */
  readonly isOpen: boolean;
}

/**
 * The endpoint of an MCP server, or of all together. Who calls is established here, for each request anew;
 * what is asked is the gateway's.
 */
export async function answerMcp(
  deps: McpDependencies,
  endpoint: string,
  request: Request,
  env: Environment["Bindings"],
): Promise<Response> {
  const arrived = arrive(deps, endpoint, request, env);
  if (arrived instanceof Response) return arrived;
  const caller = await admit(deps, arrived);
  if (caller instanceof Response) return caller;
  const body = await readBody(request);
  if (body instanceof Response) return body;
  return await serve(deps, arrived, caller, body.value);
}

/** The same for a request that another gateway took: its body was read there. */
export async function answerHandedOver(
  deps: McpDependencies,
  endpoint: string,
  request: Request,
  body: unknown,
  env: Environment["Bindings"],
): Promise<Response> {
  const arrived = arrive(deps, endpoint, request, env);
  if (arrived instanceof Response) return arrived;
  const caller = await admit(deps, arrived);
  return caller instanceof Response ? caller : await serve(deps, arrived, caller, body);
}

/** Where a request is addressed to; pages of others and names bound to our address are turned away. */
function arrive(
  deps: McpDependencies,
  endpoint: string,
  request: Request,
  env: Environment["Bindings"],
): Arrived | Response {
  const base = baseUrlOf(request, deps.base());
  if (base === undefined) return refuse(403, -32000, "This host is not served here");
  if (!isOwnOrigin(request.headers.get("origin"), base)) {
    return refuse(403, -32000, "Pages of this origin may not call");
  }
  const resource = base + resourcePath(endpoint);
  if (endpoint === "all") {
    const scopes = [...new Set(deps.mcp.list().flatMap(({ oauth }) => oauth.scopes))];
    return { request, env, endpoint, resource, scopes, isOpen: false };
  }
  const server = deps.mcp.find(endpoint);
  if (!server) return refuse(404, -32000, "There is no such MCP server");
  const { required, scopes } = server.oauth;
  return { request, env, endpoint, resource, scopes, isOpen: !required };
}

/** Programs send no origin. A page's must be our own; on this host alone, any page of this host. */
function isOwnOrigin(origin: string | null, base: string): boolean {
  if (origin === null || origin === base) return true;
  const [page, own] = [URL.parse(origin), URL.parse(base)];
  return page !== null && own !== null && page.protocol === "http:" &&
    isLoopbackName(page.hostname) && isLoopbackName(own.hostname);
}

function isLoopbackName(name: string): boolean {
  return name === "localhost" || name === "127.0.0.1" || name === "[::1]";
}

const NOBODY: McpCaller = {
  userId: "anonymous",
  sessionId: "none",
  clientId: "none",
  tier: "anonymous",
  department: undefined,
  agent: undefined,
  scopes: [],
};

async function admit(deps: McpDependencies, arrived: Arrived): Promise<McpCaller | Response> {
  const { request, env, resource, endpoint, isOpen } = arrived;
  const token = bearerOf(request);
  if (token === undefined && isOpen) return NOBODY;
  const who = await deps.authenticateResource(token, resource, env.address);
  if (who.ok) return who;
  if (who.kind === "unavailable") {
    return refuse(503, -32050, who.reason, { "retry-after": "2" });
  }
  // Clients ask without a token to learn where to get one: that is no attempt to record.
  if (who.error === "invalid_token" && deps.mayRecordFailure(env.address)) {
    const failure: Failure = { policy: "auth_failure", rule: who.rule, reason: who.reason };
    await record(deps, arrived, { ...NOBODY, ...who.holder }, failure, `mcp:${endpoint}`);
  }
  const error = who.error === "missing" ? undefined : { error: who.error, text: who.reason };
  return refuse(401, -32001, who.reason, {
    "www-authenticate": challenge(arrived, arrived.scopes, error),
  });
}

/** Writes a refused call down. */
async function record(
  deps: McpDependencies,
  { request, env, endpoint }: Arrived,
  caller: McpCaller,
  failure: Failure,
  target: string,
): Promise<void> {
  await deps.governor.decide({
    correlation: {
      userId: caller.userId,
      sessionId: caller.sessionId,
      clientId: caller.clientId,
      taskId: "none",
      contextId: "none",
      traceId: traceIdOf(request.headers.get("traceparent")) ?? newTraceId(),
    },
    tier: caller.tier,
    department: caller.department,
    agent: caller.agent,
    failure,
  }, {
    surface: "mcp",
    event: request.headers.get("mcp-method")?.slice(0, 128) ?? request.method,
    target,
    tool: "",
    input: null,
    inputPath: "$",
    agent: undefined,
    plugin: undefined,
    context: { client_address: env.address, endpoint },
  });
}

/** RFC 6750 and RFC 9728: what is wrong, which scopes it takes and where to learn more. */
function challenge(
  { resource }: Arrived,
  scopes: readonly string[],
  problem: { readonly error: string; readonly text: string } | undefined,
): string {
  const { origin, pathname } = new URL(resource);
  const parts = [
    ...problem ? [`error="${problem.error}"`, `error_description="${quotable(problem.text)}"`] : [],
    `resource_metadata="${origin}/.well-known/oauth-protected-resource${pathname}"`,
    ...scopes.length > 0 ? [`scope="${scopes.join(" ")}"`] : [],
  ];
  return `Bearer ${parts.join(", ")}`;
}

function quotable(text: string): string {
  return text.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, "'");
}

async function readBody(request: Request): Promise<{ readonly value: unknown } | Response> {
  if (request.method !== "POST") return { value: undefined };
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    return refuse(415, -32000, "Content-Type must be application/json");
  }
  const body = await readJsonBody(request, MAX_MCP_BYTES);
  if (body.ok) return { value: body.value };
  const { rule, reason } = body.problem;
  if (rule === "body_too_large") return refuse(413, -32600, reason);
  return refuse(400, rule === "invalid_json" ? -32700 : -32600, reason);
}

async function serve(
  deps: McpDependencies,
  arrived: Arrived,
  caller: McpCaller,
  body: unknown,
): Promise<Response> {
  const { request, env, endpoint } = arrived;
  const { address, onGone } = env;
  // Somebody who is nobody in particular is so whatever they sent.
  const token = caller === NOBODY ? undefined : bearerOf(request);
  const served = await deps.mcp.serve({ request, body, caller, token, address, endpoint, onGone });
  switch (served.kind) {
    case "answer":
      return whileAdmitted(served.response, () => mayStay(deps, arrived));
    case "elsewhere":
      return await deps.handOver(served.gateway, endpoint, request, body, env) ??
        refuse(404, -32001, "Session not found");
    case "insufficient_scope": {
      const reason = `This takes the scopes "${served.scopes.join(" ")}"`;
      const failure = { policy: "scope_restriction", rule: "oauth_scope", reason } as const;
      await record(deps, arrived, caller, failure, served.target);
      const problem = { error: "insufficient_scope", text: reason };
      return refuse(403, -32003, reason, {
        "www-authenticate": challenge(arrived, served.scopes, problem),
      });
    }
  }
}

/** Whether who came would be let in again. What cannot be found out now ends nothing that was found out before. */
async function mayStay(
  deps: McpDependencies,
  { request, env, resource, isOpen }: Arrived,
): Promise<boolean> {
  const token = bearerOf(request);
  if (token === undefined) return isOpen;
  const who = await deps.authenticateResource(token, resource, env.address);
  return who.ok || who.kind === "unavailable";
}

function refuse(
  status: number,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = { jsonrpc: "2.0", id: null, error: { code, message } };
  return Response.json(body, { status, headers: { ...headers, "cache-control": "no-store" } });
}
