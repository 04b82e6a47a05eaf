import { AppError, messageOf } from "../../kernel/errors.ts";
import type { Actor } from "../../identity/mod.ts";
import { problemOf } from "../errors.ts";
import type { ApiAnswer, ApiCall } from "../../egress/mod.ts";
import { listName, readCursor, writeCursor } from "./cursor.ts";
import { checkMatch, etagOf, isKnown } from "./etag.ts";
import type { Admitted, ApiCaller } from "./guard.ts";
import type { ApiInput, ApiPage, ApiRoute } from "./route.ts";
import { validate, type ValidRequest } from "./validate.ts";

/** Does what a route says with a checked request, and puts the result into words. Throws what the handler throws. */
export async function perform(
  route: ApiRoute,
  context: unknown,
  { caller, may }: Admitted,
  call: ApiCall,
): Promise<ApiAnswer> {
  const valid = validate(route, call);
  const { limit, cursor, ...query } = valid.query;
  const list = listName(pathOf(route, call), query);
  const input: ApiInput<unknown, unknown, unknown> = {
    caller,
    actor: actorOf(caller, call.traceId),
    params: call.params,
    query,
    body: valid.body,
    limit: typeof limit === "number" ? limit : 0,
    after: typeof cursor === "string" && route.key
      ? readCursor(list, route.key, cursor)
      : undefined,
    may,
    expect: (current) => checkMatch(call.ifMatch, current),
  };
  const result = await route.run(context, input);
  if (route.answer === "list") {
    return listAnswer(route, call, valid, list, result as ApiPage<unknown, unknown>);
  }
  if (route.answer === "empty") return { status: 204, body: undefined, headers: {} };
  return itemAnswer(route, call, result);
}

/** The path with its parameters in it. */
function pathOf({ path }: Pick<ApiRoute, "path">, { params }: ApiCall): string {
  return path.replace(/:(\w+)/g, (_, name) => encodeURIComponent(params[name] ?? ""));
}

function actorOf(caller: ApiCaller, traceId: string): Actor {
  const { userId, tier: role, sessionId, clientId, keyScopes } = caller;
  return {
    userId,
    role,
    surface: "api",
    sessionId,
    clientId,
    traceId,
    ...keyScopes && { keyScopes },
  };
}

function listAnswer(
  route: ApiRoute,
  call: ApiCall,
  { query }: ValidRequest,
  list: string,
  { items, next }: ApiPage<unknown, unknown>,
): ApiAnswer {
  const cursor = next === undefined ? null : writeCursor(list, next);
  const body = {
    data: items.map((item) => route.output.parse(item)),
    meta: { limit: query.limit, next: cursor },
  };
  return {
    status: 200,
    body,
    headers: cursor === null ? {} : { link: linkTo(route, call, cursor) },
  };
}

/** RFC 8288: the page after this one. */
function linkTo(route: ApiRoute, call: ApiCall, cursor: string): string {
  const query = new URLSearchParams(call.query.map(([name, value]) => [name, value]));
  query.set("cursor", cursor);
  return `<${pathOf(route, call)}?${query}>; rel="next"`;
}

function itemAnswer(route: ApiRoute, call: ApiCall, result: unknown): ApiAnswer {
  const data = route.output.parse(result) as Readonly<Record<string, unknown>>;
  const etag = etagOf(data);
  if (route.answer === "created") {
    const place = pathOf({ path: route.locatedAt }, call);
    const location = `${place}/${encodeURIComponent(String(data[route.idMember]))}`;
    return { status: 201, body: { data }, headers: { etag, location } };
  }
  if (route.method === "GET" && isKnown(call.ifNoneMatch, etag)) {
    return { status: 304, body: undefined, headers: { etag } };
  }
  return { status: 200, body: { data }, headers: { etag } };
}

/** Any failure as an answer. What broke is reported, and the caller is told no more than that. */
export function failureAnswer(error: unknown, report: (error: unknown) => void): ApiAnswer {
  const shown = toShown(error);
  if (!(error instanceof AppError) || shown.code === "internal") report(error);
  const body = problemOf(shown);
  const headers: Record<string, string> = { "content-type": "application/problem+json" };
  if (shown.code === "unavailable") headers["retry-after"] = "5";
  return { status: body.status, body, headers };
}

/** What the database or its driver throws has a code, and says that it did not do what it should. */
function toShown(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const isDriver = error instanceof Error && "code" in error;
  return isDriver
    ? new AppError("unavailable", "The database cannot answer at this moment", { cause: error })
    : new AppError("internal", "Internal error", { cause: messageOf(error) });
}
