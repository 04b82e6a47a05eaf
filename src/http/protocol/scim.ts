import type { Context } from "hono";
import type { ScimAnswer, ScimCall, ScimMethods } from "../../egress/mod.ts";
import { newTraceId, traceIdOf } from "../../kernel/ids.ts";
import { readJsonBody } from "../json_body.ts";
import type { Environment, Route } from "../routes.ts";
import { bearerOf } from "./hooks.ts";

/** What directories are served with. */
export interface ScimDependencies {
  /** The isolate that may change people. */
  readonly directory: ScimMethods;
  /** Our own address as the request names it; undefined when it names another. */
  scimBaseOf(request: Request): string | undefined;
}

/** Where directories find us: `<our address>/api/v1/scim/v2`. */
const PREFIX = "/api/v1/scim/v2";
/** A group of many thousands, described whole. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** SCIM 2.0. The isolate that does the work establishes the caller: refusals are answers in SCIM's form. */
export function scimRoutes(deps: ScimDependencies): readonly Route[] {
  return METHODS.map((method) => ({
    method,
    path: `${PREFIX}/*`,
    permission: method === "GET" ? "scim:read" : "scim:write",
    handle: (context) => answerScim(deps, context),
  }));
}

async function answerScim(
  deps: ScimDependencies,
  { req, env }: Context<Environment>,
): Promise<Response> {
  const base = deps.scimBaseOf(req.raw);
  if (base === undefined) return refuse(400, "This host name is not ours");
  const path = pathOf(req.url);
  if (!path) return refuse(404, "There is nothing here");
  const body = await bodyOf(req.raw);
  if (!body.ok) return refuse(body.status, body.reason, body.scimType);
  const call: ScimCall = {
    method: req.method,
    path,
    query: [...new URL(req.url).searchParams],
    body: body.value,
    ifMatch: req.header("if-match"),
    ifNoneMatch: req.header("if-none-match"),
    token: bearerOf(req.raw),
    address: env.address,
    base: `${base}${PREFIX}`,
    traceId: traceIdOf(req.header("traceparent")) ?? newTraceId(),
  };
  try {
    return toResponse(await deps.directory.callScim(call));
  } catch {
    return refuse(503, "The request cannot be answered at this moment");
  }
}

/** The parts of the path below the prefix; undefined where they cannot be read. */
function pathOf(url: string): string[] | undefined {
  const rest = new URL(url).pathname.slice(PREFIX.length + 1).replace(/\/$/, "");
  try {
    return rest.split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

type Body =
  | { readonly ok: true; readonly value: unknown }
  | {
    readonly ok: false;
    readonly status: number;
    readonly reason: string;
    readonly scimType?: string;
  };

async function bodyOf(request: Request): Promise<Body> {
  if (request.method === "GET" || request.method === "DELETE") {
    return { ok: true, value: undefined };
  }
  if (!/^application\/(scim\+)?json\s*(;|$)/i.test(request.headers.get("content-type") ?? "")) {
    return { ok: false, status: 415, reason: "The body is application/scim+json" };
  }
  const read = await readJsonBody(request, MAX_BODY_BYTES);
  if (read.ok) return read;
  const { rule, reason } = read.problem;
  return rule === "body_too_large"
    ? { ok: false, status: 413, reason }
    : { ok: false, status: 400, reason, scimType: "invalidSyntax" };
}

function refuse(status: number, detail: string, scimType?: string): Response {
  const schemas = ["urn:ietf:params:scim:api:messages:2.0:Error"];
  const body = { schemas, status: `${status}`, ...scimType && { scimType }, detail };
  return toResponse({ status, body, headers: {} });
}

function toResponse({ status, body, headers }: ScimAnswer): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: {
      "cache-control": "no-store",
      ...body !== undefined && { "content-type": "application/scim+json" },
      ...headers,
    },
  });
}
