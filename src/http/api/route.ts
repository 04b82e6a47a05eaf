import * as z from "zod";
import type { Actor } from "../../identity/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import type { ApiCaller } from "./guard.ts";
import type { ApiPermission } from "./permissions.ts";

/**
 * Where a route does its work. Gateways read what they may; what takes more than that is done by the isolate
 * that may, which verifies the caller's token and permission itself.
 */
export type ApiPlace = "gateway" | "egress";

/** What a handler gets of a request: checked by the schemas of its route. */
export interface ApiInput<Query, Body, Key = undefined> {
  readonly caller: ApiCaller;
  /** The caller as rows of the audit name it. */
  readonly actor: Actor;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** Of a list: the largest number of items. */
  readonly limit: number;
  /** Of a list: where it goes on, as the page before said in `next`. */
  readonly after: Key | undefined;
  /** Whether the caller holds another permission than the route's own. */
  may(permission: ApiPermission): boolean;
  /** Throws `precondition_failed` where the caller named another state (`If-Match`) than this one. */
  expect(current: unknown): void;
}

/** A part of a list. `next` is where it goes on; undefined at its end. */
export interface ApiPage<Item, Key> {
  readonly items: readonly Item[];
  readonly next: Key | undefined;
}

export type ApiMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * One route of the API: routing, permission, validation and the OpenAPI document all come from here. The
 * types of its handler are settled where it is declared.
 */
export interface ApiRoute {
  readonly method: ApiMethod;
  /** With `:name` for each parameter. */
  readonly path: string;
  readonly permission: ApiPermission;
  readonly place: ApiPlace;
  readonly tag: string;
  readonly summary: string;
  /** 200 with `{data}`, 201 with `{data}` and `Location`, 204 with nothing; a list is 200 with `{data, meta}`. */
  readonly answer: "list" | "item" | "created" | "empty";
  readonly query: z.ZodObject;
  readonly body: z.ZodType | undefined;
  readonly output: z.ZodType;
  /** Of a list: the position that a cursor holds. */
  readonly key: z.ZodType | undefined;
  /** Of what is created: below which path it is found, and by which member of the output. */
  readonly locatedAt: string;
  readonly idMember: string;
  /** Members of the output that are shown once, and not kept for a repeated request. */
  readonly shownOnce: readonly string[];
  run(context: unknown, input: ApiInput<unknown, unknown, unknown>): Promise<unknown>;
}

interface CommonSpec {
  readonly path: string;
  readonly permission: ApiPermission;
  readonly summary: string;
}

interface ListSpec<Context, Query extends z.ZodObject, Output extends z.ZodType, Key>
  extends CommonSpec {
  readonly query: Query;
  readonly key: z.ZodType<Key>;
  readonly output: Output;
  run(
    context: Context,
    input: ApiInput<z.output<Query>, undefined, Key>,
  ): Promise<ApiPage<z.input<Output>, Key>>;
}

interface ItemSpec<Context, Query extends z.ZodObject, Body extends z.ZodType, Output>
  extends CommonSpec {
  readonly method?: ApiMethod;
  readonly answer?: "item" | "created" | "empty";
  readonly query?: Query;
  readonly body?: Body;
  readonly output: z.ZodType<unknown, Output>;
  /** The route's own path unless given. */
  readonly locatedAt?: string;
  /** `id` unless given. */
  readonly idMember?: string;
  readonly shownOnce?: readonly string[];
  run(context: Context, input: ApiInput<z.output<Query>, z.output<Body>>): Promise<Output>;
}

/** Declares routes of one place and subject. */
export interface Declare<Context> {
  list<Query extends z.ZodObject, Output extends z.ZodType, Key>(
    spec: ListSpec<Context, Query, Output, Key>,
  ): ApiRoute;
  item<Query extends z.ZodObject, Body extends z.ZodType, Output>(
    spec: ItemSpec<Context, Query, Body, Output>,
  ): ApiRoute;
}

const NO_QUERY = z.strictObject({});
export const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;

/** Query parameters that every list takes. */
const PAGING = {
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT)
    .describe("The largest number of items on a page"),
  cursor: z.string().min(1).max(1024).optional()
    .describe("Where the list goes on: `meta.next` of the page before, with the same filters"),
};

/** `tag` is the subject that the document groups the routes by. */
export function declareRoutes<Context>(place: ApiPlace, tag: string): Declare<Context> {
  const common = { place, tag, idMember: "id", shownOnce: [] };
  return {
    list: (spec) => ({
      ...common,
      ...spec,
      method: "GET",
      locatedAt: spec.path,
      answer: "list",
      query: spec.query.extend(PAGING),
      body: undefined,
      run: spec.run as ApiRoute["run"],
    }),
    item: (spec) => ({
      ...common,
      ...spec,
      method: spec.method ?? "GET",
      locatedAt: spec.locatedAt ?? spec.path,
      answer: spec.answer ?? "item",
      query: spec.query ?? NO_QUERY,
      body: spec.body,
      key: undefined,
      run: spec.run as ApiRoute["run"],
    }),
  };
}

/** A page of `limit` from rows of which one more was asked for. */
export function pageOf<Item, Key>(
  rows: readonly Item[],
  limit: number,
  keyOf: (item: Item) => Key,
): ApiPage<Item, Key> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? keyOf(last) : undefined };
}

/** A page of what is in memory, by a text that is unique to each item. */
export function pageFrom<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  after: string | undefined,
  limit: number,
): ApiPage<Item, string> {
  const rest = items.filter((item) => after === undefined || keyOf(item) > after)
    .sort((a, b) => keyOf(a) < keyOf(b) ? -1 : 1);
  return pageOf(rest.slice(0, limit + 1), limit, keyOf);
}

/** The page with each item as the API shows it. */
export function mapPage<Item, Shown, Key>(
  { items, next }: ApiPage<Item, Key>,
  show: (item: Item) => Shown,
): ApiPage<Shown, Key> {
  return { items: items.map(show), next };
}

/** The parameter of the path, which its route has. */
export function paramOf(
  { params }: { readonly params: Readonly<Record<string, string>> },
  name: string,
): string {
  const value = params[name];
  if (value === undefined) throw new AppError("internal", `The route has no parameter "${name}"`);
  return value;
}
