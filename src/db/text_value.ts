/** PostgreSQL's text form of a value as JSON can hold it without loss. */

const BOOL = 16;
const TIMESTAMPTZ = 1184;
const NUMBERS = new Set([20, 21, 23, 26, 700, 701]);
const JSON_TYPES = new Set([114, 3802]);

/** Arrays of the types above and of texts: oid of the array to oid of the element. */
const ARRAYS: ReadonlyMap<number, number> = new Map([
  [1000, BOOL],
  [1005, 21],
  [1007, 23],
  [1016, 20],
  [1021, 700],
  [1022, 701],
  [1231, 1700],
  [1009, 25],
  [1015, 1043],
  [1014, 1042],
  [1003, 19],
  [2951, 2950],
  [1115, 1114],
  [1185, 1184],
  [1182, 1082],
  [199, 114],
  [3807, 3802],
]);

/** @param oid The type of the value, from `pg_type`. */
export function valueOf(text: string, oid: number): unknown {
  const element = ARRAYS.get(oid);
  if (element !== undefined) return arrayOf(text, element) ?? text;
  if (oid === BOOL) return text === "t";
  if (JSON_TYPES.has(oid)) return jsonOf(text);
  if (oid === TIMESTAMPTZ) return text.replace(/^(\S+) ([\d:.]+)\+00$/, "$1T$2Z");
  if (!NUMBERS.has(oid)) return text;
  const value = Number(text);
  return Number.isInteger(value)
    ? Number.isSafeInteger(value) ? value : text
    : floatOf(value, text);
}

function floatOf(value: number, text: string): number | string {
  return Number.isFinite(value) ? value : text;
}

function jsonOf(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return typeof value === "number" && String(value) !== text ? text : value;
}

/** Elements of `{a,"b c",NULL}`; undefined for arrays of several dimensions, which stay text. */
function arrayOf(text: string, element: number): unknown[] | undefined {
  if (!text.startsWith("{") || text.startsWith("{{")) return undefined;
  const items: unknown[] = [];
  const pattern = /"((?:[^"\\]|\\.)*)"|([^,{}"]+)/gsy;
  for (let at = 1; at < text.length - 1; at = pattern.lastIndex + 1) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) return undefined;
    const [, quoted, bare] = match;
    if (bare === "NULL") items.push(null);
    else items.push(valueOf(quoted?.replace(/\\(.)/gs, "$1") ?? bare ?? "", element));
  }
  return items;
}
