import type * as z from "zod";
import { AppError } from "../../kernel/errors.ts";
import type { ApiCall } from "../../egress/mod.ts";
import type { ApiRoute } from "./route.ts";

/** A request's parts, as the schemas of its route read them. */
export interface ValidRequest {
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

interface Flaw {
  readonly in: "path" | "query" | "body";
  /** `roles.0`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** Throws `invalid`, with every flaw at once. */
export function validate(route: ApiRoute, call: ApiCall): ValidRequest {
  const flaws: Flaw[] = [
    ...Object.entries(call.params).filter(([, value]) => !isParam(value))
      .map(([path]) => flaw("path", path, "Not a name that anything has")),
    ...unstorable("query", call.query),
    ...unstorable("body", call.body),
    ...repeated(call.query),
  ];
  const query = read("query", route.query, Object.fromEntries(call.query), flaws);
  const body = readBody(route, call, flaws);
  if (flaws.length === 0) return { query: query as ValidRequest["query"], body };
  const first = flaws[0];
  const where = first?.path ? `"${first.path}" of the ${first.in}` : `the ${first?.in}`;
  throw new AppError("invalid", `Cannot read ${where}: ${first?.message}`, {
    details: { errors: flaws },
  });
}

const MAX_PARAM = 300;

function isParam(value: string): boolean {
  // deno-lint-ignore no-control-regex
  return value.length > 0 && value.length <= MAX_PARAM && !/[\u0000-\u001f\u007f]/.test(value) &&
    value.isWellFormed();
}

function readBody(route: ApiRoute, { body }: ApiCall, flaws: Flaw[]): unknown {
  if (!route.body) return undefined;
  if (body !== undefined) return read("body", route.body, body, flaws);
  flaws.push(flaw("body", "", "Expected a JSON object"));
  return undefined;
}

function read(part: Flaw["in"], schema: z.ZodType, value: unknown, flaws: Flaw[]): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  flaws.push(
    ...parsed.error.issues.map(({ path, message }) => flaw(part, path.join("."), message)),
  );
  return undefined;
}

function repeated(query: ApiCall["query"]): Flaw[] {
  const names = query.map(([name]) => name);
  return names.filter((name, i) => names.indexOf(name) !== i)
    .map((name) => flaw("query", name, "Given twice"));
}

/** Text that PostgreSQL does not store, wherever it stands. */
function unstorable(part: Flaw["in"], value: unknown): Flaw[] {
  return holdsUnstorable(value)
    ? [flaw(part, "", "It holds characters that cannot be stored")]
    : [];
}

function holdsUnstorable(value: unknown): boolean {
  if (typeof value === "string") return value.includes("\0") || !value.isWellFormed();
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some((entry) => entry.some(holdsUnstorable));
}

function flaw(part: Flaw["in"], path: string, message: string): Flaw {
  return { in: part, path, message };
}
