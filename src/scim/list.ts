import type { Sql } from "../db/mod.ts";
import type { Resource, ScimContext } from "./context.ts";
import { parseFilter } from "./filter.ts";
import { type Columns, filterSql, type Fragment } from "./filter_sql.ts";
import { countScimGroups, groupColumns, listScimGroups, listScimMembers } from "./group_store.ts";
import { groupResource } from "./groups.ts";
import { badFilter, ScimError } from "./scim_error.ts";
import { countScimUsers, listScimUsers, userColumns } from "./user_store.ts";
import { userResource } from "./users.ts";

/** What of a list is wanted. */
export interface ListWish {
  readonly filter: string | undefined;
  /** The first is 1. */
  readonly startIndex: number;
  readonly count: number;
  /** Whether the members of groups are not wanted. */
  readonly withoutMembers: boolean;
}

/** A page, as it is answered. */
export interface ListAnswer extends Readonly<Record<string, unknown>> {
  readonly totalResults: number;
  readonly Resources: readonly Resource[];
}

/** Most resources on one page. */
export const MAX_COUNT = 200;
const DEFAULT_COUNT = 100;
const LIST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/** Reads a wish from parameters of an address or a search. Throws `invalidValue`, `invalidFilter`. */
export function readWish(
  values: Readonly<Record<string, unknown>>,
  withoutMembers: boolean,
): ListWish {
  const { filter } = values;
  if (filter !== undefined && typeof filter !== "string") throw badFilter("The filter is no text");
  return {
    filter: filter === "" ? undefined : filter,
    startIndex: Math.max(1, number(values, "startIndex") ?? 1),
    count: Math.min(MAX_COUNT, Math.max(0, number(values, "count") ?? DEFAULT_COUNT)),
    withoutMembers,
  };
}

function number(values: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = values[name];
  if (value === undefined || value === null) return undefined;
  const text = String(value);
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw new ScimError(400, `"${name}" is no whole number`, "invalidValue");
}

/** A page of users. */
export async function listUsersPage(context: ScimContext, wish: ListWish): Promise<ListAnswer> {
  const { sql } = context.identity;
  const where = whereOf(sql, wish, userColumns(sql));
  const rows = await pageOf(wish, (page) => listScimUsers(sql, where, page));
  const total = await countScimUsers(sql, where);
  return listResponse(wish, total, rows.map((row) => userResource(context, row)));
}

/** A page of groups. */
export async function listGroupsPage(context: ScimContext, wish: ListWish): Promise<ListAnswer> {
  const { sql } = context.identity;
  const where = whereOf(sql, wish, groupColumns(sql));
  const rows = await pageOf(wish, (page) => listScimGroups(sql, where, page));
  const total = await countScimGroups(sql, where);
  const members = wish.withoutMembers
    ? undefined
    : await listScimMembers(sql, rows.map(({ id }) => id));
  const resources = rows.map((row) => groupResource(context, row, members?.get(row.id) ?? []));
  return listResponse(wish, total, resources);
}

function whereOf(sql: Sql, { filter }: ListWish, columns: Columns): Fragment {
  return filter === undefined ? sql`true` : filterSql(sql, parseFilter(filter), columns);
}

async function pageOf<Row>(
  { startIndex, count }: ListWish,
  list: (page: { limit: number; offset: number }) => Promise<Row[]>,
): Promise<Row[]> {
  return count === 0 ? [] : await list({ limit: count, offset: startIndex - 1 });
}

function listResponse({ startIndex }: ListWish, total: number, resources: readonly Resource[]) {
  return {
    schemas: [LIST_SCHEMA],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}
