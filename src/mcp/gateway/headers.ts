import type { ToolDefinition } from "../tool_hash.ts";
import { isObject, type Params, type RpcNotification, type RpcRequest } from "./message.ts";

/** A header field and the body that say different things, or a field that is missing. */
export interface Mismatch {
  readonly header: string;
  readonly body: string;
}

/** Methods whose name stands in `Mcp-Name`, and the member that it is taken from. */
const NAME_MEMBER: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
  "tasks/get": "taskId",
  "tasks/update": "taskId",
  "tasks/cancel": "taskId",
};

/**
 * What of the header fields of revision 2026-07-28 is missing or contradicts the body. Whoever routes or
 * limits by the fields must be able to rely on them.
 */
export function headerMismatch(
  { method, params }: RpcRequest,
  headers: Headers,
): Mismatch | undefined {
  if (headers.get("mcp-protocol-version") === null) {
    return { header: "(missing)", body: "the required MCP-Protocol-Version header is absent" };
  }
  const named = headers.get("mcp-method");
  if (named === null) {
    return { header: "(missing)", body: `the body names method ${method}, Mcp-Method is absent` };
  }
  if (named.trim() !== method) {
    return { header: named, body: `the body names method ${method}` };
  }
  const member = Object.hasOwn(NAME_MEMBER, method) ? NAME_MEMBER[method] : undefined;
  const value = member === undefined ? undefined : params?.[member];
  if (member === undefined || typeof value !== "string") return undefined;
  return compare("Mcp-Name", headers.get("mcp-name"), `params.${member}`, value);
}

/** The same for the parameters that a tool's schema asks to be mirrored as `Mcp-Param-*`. */
export function paramMismatch(
  tool: ToolDefinition | undefined,
  args: unknown,
  headers: Headers,
): Mismatch | undefined {
  for (const [path, header] of tool ? mirroredOf(tool) : []) {
    const value = path.reduce<unknown>((at, key) => isObject(at) ? at[key] : undefined, args);
    if (!["string", "number", "boolean"].includes(typeof value)) continue;
    const name = `Mcp-Param-${header}`;
    const sent = headers.get(name);
    if (sent !== null && typeof value === "number" && Number(decodeHeader(sent)) === value) {
      continue;
    }
    const mismatch = compare(name, sent, path.join("."), String(value));
    if (mismatch) return mismatch;
  }
  return undefined;
}

function compare(
  name: string,
  header: string | null,
  place: string,
  value: string,
): Mismatch | undefined {
  if (header === null) {
    return { header: "(missing)", body: `the body has ${place}, ${name} is absent` };
  }
  const decoded = decodeHeader(header);
  if (decoded === undefined) return { header, body: `${name} is not valid Base64` };
  return decoded === value ? undefined : { header, body: `${name} is not the body's ${place}` };
}

/** The text of a header field; undefined where it claims to be Base64 and is none. */
function decodeHeader(value: string): string | undefined {
  const text = value.trim();
  const encoded = /^=\?base64\?(.*)\?=$/s.exec(text)?.[1];
  if (encoded === undefined) return text;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded)) {
    return undefined;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.fromBase64(encoded));
  } catch {
    return undefined;
  }
}

const MAX_DEPTH = 16;

type Mirrored = readonly [path: readonly string[], header: string];

const mirroredParameters = new WeakMap<ToolDefinition, readonly Mirrored[]>();

/** As `mirrored`, looked for once for each definition. */
function mirroredOf(tool: ToolDefinition): readonly Mirrored[] {
  let found = mirroredParameters.get(tool);
  if (!found) mirroredParameters.set(tool, found = [...mirrored(tool["inputSchema"])]);
  return found;
}

/** Paths of properties with `x-mcp-header`, reached by `properties` alone, and the names of their fields. */
function* mirrored(
  schema: unknown,
  path: readonly string[] = [],
): Generator<Mirrored> {
  if (!isObject(schema) || path.length > MAX_DEPTH) return;
  const header = schema["x-mcp-header"];
  if (path.length > 0 && typeof header === "string" && /^[\w!#$%&'*+.^`|~-]+$/.test(header)) {
    yield [path, header];
  }
  const properties: Params = isObject(schema["properties"]) ? schema["properties"] : {};
  for (const [name, property] of Object.entries(properties)) {
    yield* mirrored(property, [...path, name]);
  }
}

/** The fields of revision 2026-07-28 for a message to a server. */
export function standardHeaders(
  { method, params }: RpcRequest | RpcNotification,
): Record<string, string> {
  const member = Object.hasOwn(NAME_MEMBER, method) ? NAME_MEMBER[method] : undefined;
  const name = member === undefined ? undefined : params?.[member];
  return {
    "mcp-method": method,
    ...typeof name === "string" && { "mcp-name": encodeHeader(name) },
  };
}

/** A value that no header can carry as it is goes as `=?base64?…?=`. */
function encodeHeader(value: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value);
  if (isPlain && !value.startsWith("=?base64?")) return value;
  return `=?base64?${new TextEncoder().encode(value).toBase64()}?=`;
}
