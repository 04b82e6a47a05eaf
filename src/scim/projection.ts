import { attributeName } from "./filter.ts";

/** Which attributes are wanted (RFC 7644 §3.9): names in lower case; all where there are none. */
export interface Projection {
  readonly only: ReadonlySet<string>;
  readonly without: ReadonlySet<string>;
}

/** Reads `attributes` and `excludedAttributes`: texts with commas, or lists in a search. */
export function readProjection(values: Readonly<Record<string, unknown>>): Projection {
  return {
    only: new Set(names(values["attributes"])),
    without: new Set(names(values["excludedAttributes"])),
  };
}

const MAX_NAMES = 100;

function names(value: unknown): string[] {
  const list = typeof value === "string" ? value.split(",") : Array.isArray(value) ? value : [];
  return list.slice(0, MAX_NAMES).filter((name) => typeof name === "string")
    // Of a part the whole is shown.
    .map((name) => attributeName(name.trim()).split(".")[0] ?? "")
    .filter((name) => name !== "");
}

/** Whether an attribute is not wanted. */
export function leavesOut({ only, without }: Projection, name: string): boolean {
  return without.has(name) || only.size > 0 && !only.has(name);
}

/** A resource with what is wanted of it; `id` and `schemas` always come along. */
export function project(
  resource: Readonly<Record<string, unknown>>,
  projection: Projection,
): Readonly<Record<string, unknown>> {
  if (projection.only.size + projection.without.size === 0) return resource;
  return Object.fromEntries(
    Object.entries(resource).filter(([name]) =>
      name === "id" || name === "schemas" || !leavesOut(projection, wholeOf(name))
    ),
  );
}

/** The enterprise extension holds the department and nothing else. */
function wholeOf(name: string): string {
  return name.startsWith("urn:") ? "department" : name.toLowerCase();
}
