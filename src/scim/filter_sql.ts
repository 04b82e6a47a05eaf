import type { Sql } from "../db/mod.ts";
import type { Comparison, Filter, FilterValue } from "./filter.ts";
import { badFilter } from "./scim_error.ts";

/** A part of a statement. */
export type Fragment = ReturnType<Sql>;

/** How an attribute is found in the database. */
export type Column = ValueColumn | KeyColumn;

interface ValueColumn {
  readonly kind: "text" | "exact" | "boolean" | "time";
  /** The value; may be null. */
  readonly value: Fragment;
  /** `eq` by an index, where there is one. */
  readonly equals?: (value: string) => Fragment;
}

/** One of many: compared by `eq` and nothing else. */
interface KeyColumn {
  readonly kind: "key";
  readonly equals: (value: string) => Fragment;
}

/** The columns of a kind of resource, by attributes in lower case. */
export type Columns = Readonly<Record<string, Column>>;

/** The condition that a filter says. Values are parameters, never text. Throws `invalidFilter`. */
export function filterSql(sql: Sql, filter: Filter, columns: Columns): Fragment {
  switch (filter.kind) {
    case "and":
      return filter.parts.map((part) => filterSql(sql, part, columns))
        .reduce((all, part) => sql`(${all} and ${part})`);
    case "or":
      return filter.parts.map((part) => filterSql(sql, part, columns))
        .reduce((all, part) => sql`(${all} or ${part})`);
    case "not":
      return sql`(not ${filterSql(sql, filter.part, columns)})`;
    case "present": {
      const column = columnOf(columns, filter.attribute);
      if (column.kind === "key") throw onlyEq(filter.attribute);
      const { kind, value } = column;
      const isText = kind === "text" || kind === "exact";
      return isText ? sql`(coalesce(${value}, '') <> '')` : sql`(${value} is not null)`;
    }
    case "compare": {
      const column = columnOf(columns, filter.attribute);
      return comparison(sql, column, filter.attribute, filter.operator, filter.value);
    }
  }
}

function columnOf(columns: Columns, attribute: string): Column {
  const column = Object.hasOwn(columns, attribute) ? columns[attribute] : undefined;
  if (column) return column;
  throw badFilter(`There is no filter by "${attribute.slice(0, 100)}"`);
}

function comparison(
  sql: Sql,
  column: Column,
  attribute: string,
  operator: Comparison,
  wanted: FilterValue,
): Fragment {
  if (column.kind === "key") {
    if (operator !== "eq") throw onlyEq(attribute);
    return column.equals(textOf(attribute, wanted));
  }
  const { kind, value } = column;
  if (wanted === null) {
    if (operator === "eq") return sql`(${value} is null)`;
    if (operator === "ne") return sql`(${value} is not null)`;
    throw badFilter(`"${operator}" compares with no null`);
  }
  if (kind === "boolean") return booleanComparison(sql, value, attribute, operator, wanted);
  const text = textOf(attribute, wanted);
  if (kind === "time") return timeComparison(sql, value, operator, text);
  if (operator === "eq" && column.equals) return column.equals(text);
  return kind === "exact"
    ? textComparison(sql, sql`coalesce(${value}, '')`, operator, sql`${text}::text`)
    : textComparison(sql, sql`lower(coalesce(${value}, ''))`, operator, sql`lower(${text})`);
}

/** Text that the database can be asked about. */
function textOf(attribute: string, wanted: FilterValue): string {
  if (typeof wanted !== "string") throw badFilter(`"${attribute}" is compared with text`);
  if (wanted.isWellFormed() && !wanted.includes("\0")) return wanted;
  throw badFilter("The filter has text that nothing can be");
}

function onlyEq(attribute: string): Error {
  return badFilter(`"${attribute}" is found by "eq" alone`);
}

function booleanComparison(
  sql: Sql,
  value: Fragment,
  attribute: string,
  operator: Comparison,
  wanted: FilterValue,
): Fragment {
  if (typeof wanted !== "boolean") throw badFilter(`"${attribute}" is true or false`);
  if (operator === "eq") return sql`(${value} = ${wanted})`;
  if (operator === "ne") return sql`(${value} <> ${wanted})`;
  throw badFilter(`"${attribute}" has no "${operator}"`);
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$/;

function timeComparison(sql: Sql, value: Fragment, operator: Comparison, wanted: string): Fragment {
  const time = TIME.test(wanted) ? new Date(wanted) : undefined;
  if (!time || Number.isNaN(time.getTime())) {
    throw badFilter("That is no time such as 2026-01-02T03:04:05Z");
  }
  if (operator === "co" || operator === "sw" || operator === "ew") {
    throw badFilter(`A time has no "${operator}"`);
  }
  return ordered(sql, value, operator, sql`${time}::timestamptz`);
}

function textComparison(
  sql: Sql,
  value: Fragment,
  operator: Comparison,
  wanted: Fragment,
): Fragment {
  switch (operator) {
    case "co":
      return sql`(position(${wanted} in ${value}) > 0)`;
    case "sw":
      return sql`(starts_with(${value}, ${wanted}))`;
    case "ew":
      return sql`(right(${value}, length(${wanted})) = ${wanted})`;
    default:
      return ordered(sql, value, operator, wanted);
  }
}

function ordered(
  sql: Sql,
  value: Fragment,
  operator: Exclude<Comparison, "co" | "sw" | "ew">,
  wanted: Fragment,
): Fragment {
  switch (operator) {
    case "eq":
      return sql`(${value} = ${wanted})`;
    case "ne":
      return sql`(${value} <> ${wanted})`;
    case "gt":
      return sql`(${value} > ${wanted})`;
    case "ge":
      return sql`(${value} >= ${wanted})`;
    case "lt":
      return sql`(${value} < ${wanted})`;
    case "le":
      return sql`(${value} <= ${wanted})`;
  }
}
