import type { Attribute, Attributes } from "./attributes.ts";
import { ENTERPRISE_SCHEMA, UNKEPT } from "./attributes.ts";
import { attributeName, type Filter, parseFilter } from "./filter.ts";
import { matches } from "./matches.ts";
import { ScimError } from "./scim_error.ts";

/** A resource while it is changed: attributes as the standard spells them. Has no prototype. */
export type Draft = Record<string, unknown>;

/** One change of a resource (RFC 7644 §3.5.2). */
export interface PatchOperation {
  readonly op: "add" | "replace" | "remove";
  /** Undefined for the whole resource. */
  readonly path: string | undefined;
  readonly value: unknown;
}

/** More than a directory sends at once. */
const MAX_OPERATIONS = 1000;
/** Operations times entries of lists: what keeps others waiting must not take long. */
const MAX_WORK = 1_000_000;

/** The operations of a `PatchOp` message. Throws `invalidSyntax`. */
export function readPatch(body: unknown): PatchOperation[] {
  const operations = isObject(body) ? body["Operations"] ?? body["operations"] : undefined;
  if (!Array.isArray(operations) || operations.length === 0) {
    throw new ScimError(400, 'A patch has a list "Operations"', "invalidSyntax");
  }
  if (operations.length > MAX_OPERATIONS) {
    throw new ScimError(413, `A patch has at most ${MAX_OPERATIONS} operations`, "tooMany");
  }
  return operations.map(readOperation);
}

function readOperation(operation: unknown): PatchOperation {
  if (!isObject(operation)) throw new ScimError(400, "An operation is no object", "invalidSyntax");
  const { op, path, value } = operation;
  const name = typeof op === "string" ? op.toLowerCase() : "";
  if (name !== "add" && name !== "replace" && name !== "remove") {
    throw new ScimError(400, 'An operation is "add", "replace" or "remove"', "invalidSyntax");
  }
  if (path !== undefined && typeof path !== "string") {
    throw new ScimError(400, "A path is no text", "invalidPath");
  }
  if (name === "remove" && path === undefined) {
    throw new ScimError(400, "What is removed needs a path", "noTarget");
  }
  if (name !== "remove" && value === undefined) {
    throw new ScimError(400, `What is to ${name} needs a value`, "invalidValue");
  }
  return { op: name, path, value };
}

/** Changes a draft, operation by operation. Throws `invalidPath`, `noTarget`, `invalidValue`, `mutability`. */
export function applyPatch(
  draft: Draft,
  attributes: Attributes,
  operations: readonly PatchOperation[],
): void {
  const entries = Object.values(draft).reduce<number>(
    (sum, value) => sum + (Array.isArray(value) ? value.length : 1),
    0,
  );
  if (operations.length * entries > MAX_WORK) {
    throw new ScimError(413, "Too many operations for a resource of this size", "tooMany");
  }
  for (const { op, path, value } of operations) {
    if (path !== undefined) applyAt(draft, attributes, op, parsePath(path), value);
    else applyWhole(draft, attributes, op, value);
  }
}

/** Without a path the value holds attributes; some directories put paths in their place. */
function applyWhole(
  draft: Draft,
  attributes: Attributes,
  op: PatchOperation["op"],
  value: unknown,
): void {
  if (!isObject(value)) throw new ScimError(400, "The value is no object", "invalidValue");
  for (const [name, each] of Object.entries(value)) {
    if (name.toLowerCase() === ENTERPRISE_SCHEMA.toLowerCase() && isObject(each)) {
      applyWhole(draft, attributes, op, each);
    } else if (attributes.get(name.toLowerCase())?.isReadOnly !== true) {
      applyAt(draft, attributes, op, parsePath(name), each);
    }
  }
}

/** `emails[type eq "work"].value`, taken apart. */
interface Path {
  readonly attribute: string;
  readonly filter: Filter | undefined;
  readonly part: string | undefined;
}

const MAX_PATH = 400;

/** Takes a path apart. Throws `invalidPath`. */
function parsePath(text: string): Path {
  const bad = (): ScimError =>
    new ScimError(400, `${JSON.stringify(text.slice(0, 200))} is no path`, "invalidPath");
  if (text.length > MAX_PATH) throw bad();
  const open = text.indexOf("[");
  const close = text.lastIndexOf("]");
  if (open < 0) {
    const name = attributeName(text.trim());
    const [attribute = "", part, ...more] = name.split(".");
    if (!NAME.test(attribute) || part !== undefined && !NAME.test(part) || more.length > 0) {
      throw bad();
    }
    return { attribute, part, filter: undefined };
  }
  const attribute = attributeName(text.slice(0, open).trim());
  const rest = text.slice(close + 1);
  if (close < open || !NAME.test(attribute) || rest !== "" && !PART.test(rest)) throw bad();
  const part = rest === "" ? undefined : rest.slice(1).toLowerCase();
  return { attribute, part, filter: parseFilter(text.slice(open + 1, close)) };
}

const NAME = /^[a-z$][\w$-]*$/;
const PART = /^\.[A-Za-z$][\w$-]*$/;

function applyAt(
  draft: Draft,
  attributes: Attributes,
  op: PatchOperation["op"],
  path: Path,
  value: unknown,
): void {
  if (UNKEPT.has(path.attribute)) return;
  const attribute = attributes.get(path.attribute);
  if (!attribute) {
    throw new ScimError(400, `There is no attribute "${path.attribute}"`, "invalidPath");
  }
  if (attribute.isReadOnly) {
    throw new ScimError(400, `"${attribute.name}" cannot be changed`, "mutability");
  }
  if (attribute.kind === "list") applyToList(draft, attribute, op, path, value);
  else if (attribute.kind === "complex") applyToComplex(draft, attribute, op, path, value);
  else if (path.part !== undefined || path.filter) throw noPart(attribute);
  else if (op === "remove") delete draft[attribute.name];
  else draft[attribute.name] = value;
}

function applyToComplex(
  draft: Draft,
  attribute: Attribute,
  op: PatchOperation["op"],
  { part, filter }: Path,
  value: unknown,
): void {
  if (filter) throw noPart(attribute);
  if (part === undefined && op === "remove") return void delete draft[attribute.name];
  const before = draft[attribute.name];
  const target: Draft = isObject(before) ? { ...before } : {};
  if (part !== undefined) {
    const name = partOf(attribute, part);
    if (op === "remove") delete target[name];
    else target[name] = value;
  } else {
    if (!isObject(value)) throw wrongValue(attribute);
    Object.assign(target, knownParts(attribute, value));
  }
  draft[attribute.name] = target;
}

function applyToList(
  draft: Draft,
  attribute: Attribute,
  op: PatchOperation["op"],
  { filter, part }: Path,
  value: unknown,
): void {
  const list = listOf(draft[attribute.name]);
  if (!filter && part !== undefined) {
    throw new ScimError(400, `Say which of "${attribute.name}" is meant`, "invalidPath");
  }
  draft[attribute.name] = filter
    ? changeMatching(list, attribute, op, { filter, part }, value)
    : changeAll(list, attribute, op, value);
}

function changeAll(
  list: readonly Draft[],
  attribute: Attribute,
  op: PatchOperation["op"],
  value: unknown,
): Draft[] {
  // Some directories name what is to be removed by the value instead of a filter.
  if (op === "remove") return value === undefined ? [] : without(list, entriesOf(attribute, value));
  const entries = entriesOf(attribute, value);
  return op === "replace" ? entries : [...without(list, entries), ...entries];
}

/** The list without the entries that have one of these values. */
function without(list: readonly Draft[], entries: readonly Draft[]): Draft[] {
  const values = new Set(entries.map(({ value }) => value));
  return list.filter(({ value }) => !values.has(value));
}

function changeMatching(
  list: readonly Draft[],
  attribute: Attribute,
  op: PatchOperation["op"],
  { filter, part }: { readonly filter: Filter; readonly part: string | undefined },
  value: unknown,
): Draft[] {
  const isMeant = (entry: Draft): boolean => matches(filter, entry);
  if (op === "remove" && part === undefined) return list.filter((entry) => !isMeant(entry));
  const found = list.some(isMeant);
  if (!found && op === "remove") return [...list];
  if (!found && part !== undefined) return [...list, newEntry(attribute, filter, part, value)];
  if (!found) throw new ScimError(400, "Nothing matches the path", "noTarget");
  return list.map((entry) => {
    if (!isMeant(entry)) return entry;
    if (part === undefined) {
      if (!isObject(value)) throw wrongValue(attribute);
      return { ...entry, ...knownParts(attribute, value) };
    }
    const { [partOf(attribute, part)]: _, ...rest } = entry;
    return op === "remove" ? rest : { ...rest, [partOf(attribute, part)]: value };
  });
}

/** `emails[type eq "work"].value` where there is none: it begins with what the filter says. */
function newEntry(attribute: Attribute, filter: Filter, part: string, value: unknown): Draft {
  if (filter.kind !== "compare" || filter.operator !== "eq") {
    throw new ScimError(400, "Nothing matches the path", "noTarget");
  }
  const { attribute: named, value: known } = filter;
  return { [partOf(attribute, named)]: known, [partOf(attribute, part)]: value };
}

function entriesOf(attribute: Attribute, value: unknown): Draft[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((entry) => {
    if (typeof entry === "string") return { value: entry };
    if (!isObject(entry)) throw wrongValue(attribute);
    return knownParts(attribute, entry);
  });
}

/** What is kept of a value's parts. */
function knownParts({ parts = new Map() }: Attribute, value: Draft): Draft {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => {
      const known = parts.get(name.toLowerCase());
      return known === undefined ? [] : [[known, each]];
    }),
  );
}

function partOf(attribute: Attribute, part: string): string {
  const known = attribute.parts?.get(part);
  if (known !== undefined) return known;
  throw new ScimError(400, `"${attribute.name}" has no "${part}"`, "invalidPath");
}

function noPart({ name }: Attribute): ScimError {
  return new ScimError(400, `"${name}" has no parts`, "invalidPath");
}

function wrongValue({ name }: Attribute): ScimError {
  return new ScimError(400, `That is no value of "${name}"`, "invalidValue");
}

function listOf(value: unknown): readonly Draft[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Whether a value is an object of JSON. */
export function isObject(value: unknown): value is Draft {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
