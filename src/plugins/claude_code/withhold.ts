import type { HookEvent } from "./event.ts";
import { isObject } from "./fields.ts";

/**
 * Tools whose replaced output the client was seen to accept. It checks a replacement against the
 * tool's own schema and shows the model the original when they differ.
 */
const REPLACEABLE: ReadonlySet<string> = new Set(["Bash", "Edit", "Glob", "Grep", "Read", "Write"]);

const PLACEHOLDER = "[GOVERNANCE] withheld";

/** Keys whose value selects a shape, and how such a value looks. */
const SELECTORS: ReadonlySet<string> = new Set(["type", "mode", "status"]);
const SELECTOR = /^[a-z_]{1,24}$/;

/** Keys as tools name their fields; any other key may itself be output. */
const FIELD = /^[a-zA-Z_]{1,24}$/;

/** Keys that hold encoded binary data: a placeholder there is no valid data. */
const BINARY: ReadonlySet<string> = new Set(["base64", "data", "blob"]);

/**
 * The output of a tool with every text in it replaced, in the same shape; undefined when the client
 * might refuse the replacement, and the turn has to end instead.
 */
export function withhold(event: HookEvent): unknown {
  const known = REPLACEABLE.has(event.tool) || event.target.startsWith("mcp:");
  if (!known || !isMaskable(event.input)) return undefined;
  return mask(event.input, "");
}

function mask(value: unknown, key: string): unknown {
  if (typeof value === "string") {
    return SELECTORS.has(key) && SELECTOR.test(value) ? value : PLACEHOLDER;
  }
  if (Array.isArray(value)) return value.map((item) => mask(item, ""));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mask(item, name)]));
}

function isMaskable(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isMaskable);
  if (!isObject(value)) return true;
  return Object.entries(value).every(([name, item]) =>
    FIELD.test(name) && !BINARY.has(name) && isMaskable(item)
  );
}
