/**
 * RFC 8785 canonical JSON: keys in UTF-16 code unit order, no white space, numbers as ECMAScript prints
 * them. `undefined` members are left out as in JSON. Throws a `TypeError` for what JSON cannot hold.
 *
 * RFC 8785 is what `JSON.stringify` prints of a value whose keys are in order already, and native code is
 * ten times faster: so a value is looked at first, and only what is out of order is written here.
 */
export function canonicalJson(value: unknown): string {
  if (isInOrder(value)) return JSON.stringify(value);
  return Array.isArray(value) ? canonicalArray(value) : canonicalObject(value as Members);
}

type Members = Readonly<Record<string, unknown>>;

/** Whether `JSON.stringify` prints the canonical text. Throws for what JSON cannot hold. */
function isInOrder(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      if (Number.isFinite(value)) return true;
      throw new TypeError(`Cannot write ${value} as JSON`);
    case "object":
      if (value === null) return true;
      return Array.isArray(value) ? areItemsInOrder(value) : areMembersInOrder(value as Members);
    default:
      throw new TypeError(`Cannot write a ${typeof value} as JSON`);
  }
}

function areItemsInOrder(items: readonly unknown[]): boolean {
  for (const item of items) {
    if (typeof item !== "string" && item !== undefined && !isInOrder(item)) return false;
  }
  return true;
}

function areMembersInOrder(members: Members): boolean {
  let last = "";
  // Unlike a list of the keys, this costs no memory; what `members` inherits is printed nowhere.
  for (const key in members) {
    if (!Object.hasOwn(members, key)) continue;
    if (key < last) return false;
    last = key;
    const member = members[key];
    if (typeof member !== "string" && member !== undefined && !isInOrder(member)) return false;
  }
  return true;
}

function canonicalArray(items: readonly unknown[]): string {
  return `[${items.map((item) => item === undefined ? "null" : canonicalJson(item)).join(",")}]`;
}

function canonicalObject(members: Members): string {
  let text = "";
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member === undefined) continue;
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}
