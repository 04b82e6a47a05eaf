import type { Context } from "hono";
import { AppError } from "../../kernel/errors.ts";
import { newTraceId, traceIdOf } from "../../kernel/ids.ts";
import { problem } from "../errors.ts";
import { readJsonBody } from "../json_body.ts";
import { bearerOf } from "../protocol/hooks.ts";
import type { Environment, Route } from "../routes.ts";
import type { ApiCall, ApiMethods } from "../../egress/mod.ts";
import type { GatewayContext } from "./context.ts";
import { admit, type ApiGuard } from "./guard.ts";
import { failureAnswer, perform } from "./perform.ts";
import { toResponse } from "./response.ts";
import type { ApiRoute } from "./route.ts";
import { API_ROUTES, nameOf } from "./table.ts";

/** What a gateway brings. */
export interface ApiDependencies extends ApiGuard {
  /** Of now: the configuration may be another the next time. */
  apiContext(): GatewayContext;
  /** The isolate that may do more. */
  readonly keeper: ApiMethods;
  /** Something broke. */
  reportApi(route: string, error: unknown): void;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** The routes of the API, for the table of all. */
export function apiRoutes(deps: ApiDependencies): readonly Route[] {
  return API_ROUTES.map((route) => ({
    method: route.method,
    path: route.path,
    permission: route.permission,
    handle: (context) => handle(deps, route, context),
  }));
}

const PATTERNS = API_ROUTES.map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`),
}));

/** What to answer where the path is the API's and the method is not; undefined where it is not the API's. */
export function refuseMethod(path: string): Response | undefined {
  const allowed = PATTERNS.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  if (allowed.length === 0) return undefined;
  const names = [...new Set(allowed.flatMap((name) => name === "GET" ? ["GET", "HEAD"] : [name]))];
  const refused = problem("method_not_allowed", `Cannot do that at ${path}`);
  refused.headers.set("allow", names.join(", "));
  return refused;
}

async function handle(
  deps: ApiDependencies,
  route: ApiRoute,
  { req, env }: Context<Environment>,
): Promise<Response> {
  const traceId = traceIdOf(req.header("traceparent")) ?? newTraceId();
  const caller = { token: bearerOf(req.raw), address: env.address };
  try {
    // First whether anybody may come in at all: nothing of a stranger's body is read.
    const admitted = await admit(deps, caller, route.permission);
    const call = { ...caller, traceId, ...await readCall(route, req.raw, req.param()) };
    const answer = route.place === "gateway"
      ? await perform(route, deps.apiContext(), admitted, call)
      : await deps.keeper.callApi(call);
    return toResponse(answer, traceId);
  } catch (error) {
    const report = (broken: unknown) => deps.reportApi(nameOf(route), broken);
    return toResponse(failureAnswer(error, report), traceId);
  }
}

/** What of a request only HTTP knows. */
async function readCall(
  route: ApiRoute,
  request: Request,
  params: Readonly<Record<string, string>>,
): Promise<Omit<ApiCall, "token" | "address" | "traceId">> {
  const header = (name: string) => request.headers.get(name) ?? undefined;
  return {
    route: nameOf(route),
    params,
    query: [...new URL(request.url).searchParams],
    body: route.body ? await readBody(request) : undefined,
    ifMatch: header("if-match"),
    ifNoneMatch: header("if-none-match"),
    idempotencyKey: header("idempotency-key"),
  };
}

/** A form or a plain text, which other sites may send without asking, is refused. */
async function readBody(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/(merge-patch\+)?json\s*(;|$)/i.test(type)) {
    throw new AppError("unsupported_media_type", "Expected a body of type application/json");
  }
  const parsed = await readJsonBody(request, MAX_BODY_BYTES);
  if (parsed.ok) return parsed.value;
  const { rule, reason } = parsed.problem;
  const code = rule === "body_too_large" ? "too_large" : "invalid";
  throw new AppError(code, reason, { details: { rule } });
}
