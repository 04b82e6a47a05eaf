import { parseExactly } from "../../kernel/exact_json.ts";

/** Where a value stands: the chain of keys up to the root. */
export interface Place {
  readonly parent: Place | undefined;
  readonly key: string | number;
}

export interface Visitor {
  /** A string; `key` is the nearest name above it. True ends the walk. */
  text(text: string, key: string, place: Place): boolean;
  /** Strings that are one command line: `["rm", "-rf"]`, `{command: "rm", args: [...]}`. */
  argv(words: readonly string[], place: Place): boolean;
}

interface Item {
  readonly value: unknown;
  readonly key: string;
  readonly place: Place;
}

const COMMAND_KEYS = ["command", "cmd", "executable", "program", "binary"];
const ARGUMENT_KEYS = ["args", "arguments", "argv"];
/** JSON inside a string is walked too where tools pass their arguments on that way. */
const JSON_KEYS = new Set(["arguments", "args", "input", "params", "parameters", "tool_input"]);
const MAX_JSON = 64 * 1024;

/** Visits every string of a JSON value, without recursion, until a visitor says that it is enough. */
export function walk(input: unknown, inputPath: string, visitor: Visitor): void {
  const key = /([\w-]+)\]?$/.exec(inputPath)?.[1] ?? "";
  const stack: Item[] = [{ value: input, key, place: { parent: undefined, key: inputPath } }];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if (typeof item.value === "string") {
      if (visitor.text(item.value, item.key, item.place)) return;
      pushJson(item.value, item, stack);
    } else if (Array.isArray(item.value)) {
      if (isArgv(item) && visitor.argv(item.value, item.place)) return;
      pushArray(item.value, item, stack);
    } else if (typeof item.value === "object" && item.value !== null) {
      const record = item.value as Record<string, unknown>;
      const words = commandOf(record);
      if (words && visitor.argv(words, item.place)) return;
      pushRecord(record, item, stack);
    }
  }
}

/** The JSON path of a place. Keys that are not plain names are not shown: they are the caller's text. */
export function pathOf(place: Place): string {
  const parts: string[] = [];
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) {
    if (at.parent === undefined) parts.push(String(at.key));
    else if (typeof at.key === "number") parts.push(`[${at.key}]`);
    else parts.push(/^[A-Za-z_][\w-]{0,39}$/.test(at.key) ? `.${at.key}` : "[?]");
    if (parts.length > 64) return "$";
  }
  return parts.reverse().join("");
}

function pushArray(values: readonly unknown[], item: Item, stack: Item[]): void {
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i];
    if (typeof value === "string" || typeof value === "object") {
      stack.push({ value, key: item.key, place: { parent: item.place, key: i } });
    }
  }
}

function pushRecord(record: Record<string, unknown>, item: Item, stack: Item[]): void {
  for (const key of Object.keys(record).reverse()) {
    const value = record[key];
    if (typeof value === "string" || typeof value === "object") {
      stack.push({ value, key, place: { parent: item.place, key } });
    } else if (value === true) {
      // A switch that is on: `force: true` and `force: "true"` are the same to a rule.
      stack.push({ value: "true", key, place: { parent: item.place, key } });
    }
  }
}

function pushJson(text: string, item: Item, stack: Item[]): void {
  if (!JSON_KEYS.has(item.key) || text.length > MAX_JSON || !/^\s*[[{]/.test(text)) return;
  try {
    stack.push({ value: parseExactly(text), key: item.key, place: item.place });
  } catch {
    // Not JSON after all: the text itself has been visited.
  }
}

function isArgv(item: Item): item is Item & { readonly value: readonly string[] } {
  return COMMAND_KEYS.includes(item.key) && isStrings(item.value);
}

function commandOf(record: Record<string, unknown>): readonly string[] | undefined {
  const command = valueAt(record, COMMAND_KEYS);
  const words = valueAt(record, ARGUMENT_KEYS);
  return typeof command === "string" && isStrings(words) ? [command, ...words] : undefined;
}

function valueAt(record: Record<string, unknown>, keys: readonly string[]): unknown {
  const key = keys.find((name) => Object.hasOwn(record, name));
  return key === undefined ? undefined : record[key];
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.length < 4096 &&
    value.every((word) => typeof word === "string");
}
