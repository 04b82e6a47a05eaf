/** A JSON object as it came from outside: read it with `read`, never by plain property access. */
export type Body = Readonly<Record<string, unknown>>;

/** Longest name or identifier that a body may carry, in UTF-16 units. */
const MAX_NAME = 256;

/** What is kept of fields that nobody asked for. */
const KEEP = { depth: 6, entries: 64, key: 128, text: 4096, nodes: 1000 } as const;

export function isObject(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An own field: a body cannot reach into prototypes, nor smuggle fields in through one. */
export function read(body: Body, name: string): unknown {
  return Object.hasOwn(body, name) ? body[name] : undefined;
}

/** A name: 1 to 256 characters, none of them a control character. */
export function isName(value: unknown): value is string {
  if (typeof value !== "string" || value.length === 0 || value.length > MAX_NAME) return false;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit < 0x20 || unit === 0x7f) return false;
  }
  return true;
}

/** The fields of `body` that are not in `taken`, bounded in depth, number and length. */
export function keepRest(body: Body, taken: readonly string[]): Record<string, unknown> {
  const rest = Object.keys(body).filter((name) => !taken.includes(name));
  return keepFields(body, rest, { nodes: KEEP.nodes }, 0);
}

interface Budget {
  nodes: number;
}

function keepFields(
  body: Body,
  names: readonly string[],
  budget: Budget,
  depth: number,
): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const count = Math.min(names.length, KEEP.entries);
  for (let i = 0; i < count; i++) {
    const name = names[i] ?? "";
    define(kept, keepKey(name, i), keep(body[name], budget, depth + 1));
  }
  if (names.length > count) kept["…"] = names.length - count;
  return kept;
}

/** Gives an object a field: assigning `__proto__` would give it another prototype instead. */
function define(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") object[name] = value;
  else {
    Object.defineProperty(object, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}

/** A long key is left out whole, as long text is. */
function keepKey(key: string, index: number): string {
  return key.length > KEEP.key ? `(omitted: key ${index} of ${key.length} characters)` : key;
}

/** Long text is left out whole: half a credential would no longer be recognised as one. */
function keep(value: unknown, budget: Budget, depth: number): unknown {
  if (--budget.nodes < 0 || depth > KEEP.depth) return "(omitted)";
  if (typeof value === "string") {
    return value.length > KEEP.text ? `(omitted: ${value.length} characters)` : value;
  }
  if (Array.isArray(value)) return keepItems(value, budget, depth);
  if (isObject(value)) return keepFields(value, Object.keys(value), budget, depth);
  return value ?? null;
}

function keepItems(items: readonly unknown[], budget: Budget, depth: number): unknown[] {
  const kept = items.slice(0, KEEP.entries).map((item) => keep(item, budget, depth + 1));
  if (items.length > kept.length) kept.push(`(omitted: ${items.length - kept.length} more)`);
  return kept;
}
