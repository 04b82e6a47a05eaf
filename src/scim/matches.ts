import type { Comparison, Filter, FilterValue } from "./filter.ts";
import { badFilter } from "./scim_error.ts";

/** Whether an entry of a list is one that the filter of a path means. */
export function matches(filter: Filter, entry: Readonly<Record<string, unknown>>): boolean {
  switch (filter.kind) {
    case "and":
      return filter.parts.every((part) => matches(part, entry));
    case "or":
      return filter.parts.some((part) => matches(part, entry));
    case "not":
      return !matches(filter.part, entry);
    case "present":
      return ![undefined, null, ""].includes(valueOf(entry, filter.attribute) as undefined);
    case "compare":
      return compare(valueOf(entry, filter.attribute), filter.operator, filter.value);
  }
}

function valueOf(entry: Readonly<Record<string, unknown>>, attribute: string): unknown {
  const name = Object.keys(entry).find((each) => each.toLowerCase() === attribute);
  return name === undefined ? undefined : entry[name];
}

function compare(value: unknown, operator: Comparison, wanted: FilterValue): boolean {
  const isText = typeof value === "string" && typeof wanted === "string";
  const [a, b] = isText ? [value.toLowerCase(), wanted.toLowerCase()] : [value ?? null, wanted];
  if (operator === "eq") return a === b;
  if (operator === "ne") return a !== b;
  if (typeof b !== "string") throw badFilter(`"${operator}" compares text`);
  if (typeof a !== "string") return false;
  switch (operator) {
    case "co":
      return a.includes(b);
    case "sw":
      return a.startsWith(b);
    case "ew":
      return a.endsWith(b);
    default:
      throw badFilter(`A path has no "${operator}"`);
  }
}
