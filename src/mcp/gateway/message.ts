/** A JSON-RPC request id. */
export type RequestId = string | number;
export type Params = Readonly<Record<string, unknown>>;

export interface RpcRequest {
  readonly jsonrpc: "2.0";
  readonly id: RequestId;
  readonly method: string;
  readonly params?: Params;
}

export interface RpcNotification {
  readonly jsonrpc: "2.0";
  readonly method: string;
  readonly params?: Params;
}

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** What a request is answered with. */
export type Reply =
  | { readonly result: Params }
  | { readonly error: RpcError };

export type RpcResponse = Reply & { readonly jsonrpc: "2.0"; readonly id: RequestId };
export type RpcMessage = RpcRequest | RpcNotification | RpcResponse;

/** JSON-RPC codes, the protocol's own and ours (see `kernel/errors.ts`). */
export const CODES = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  denied: -32003,
  unavailable: -32050,
  headerMismatch: -32020,
  unsupportedVersion: -32022,
} as const;

export function isObject(value: unknown): value is Params {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What `objectAt` answers where there is none. */
export const NO_MEMBERS: Params = Object.freeze({});

/** The member of an object that is an object itself; `NO_MEMBERS` where there is none. */
export function objectAt(value: unknown, name: string): Params {
  const member = isObject(value) ? value[name] : undefined;
  return isObject(member) ? member : NO_MEMBERS;
}

/** The member of an object that is a string. */
export function stringAt(value: unknown, name: string): string | undefined {
  const member = isObject(value) ? value[name] : undefined;
  return typeof member === "string" ? member : undefined;
}

export function errorReply(code: number, message: string, data?: unknown): Reply {
  return { error: { code, message, ...data !== undefined && { data } } };
}

/** What kind of message it is; undefined for what is none. */
export function parseMessage(value: unknown): RpcMessage | undefined {
  if (!isObject(value) || value["jsonrpc"] !== "2.0") return undefined;
  const { id, method, params, result, error } = value;
  const hasId = typeof id === "string" || Number.isSafeInteger(id);
  if (typeof method === "string") {
    const sound = (params === undefined || isObject(params)) && (hasId || id === undefined);
    return sound ? value as unknown as RpcRequest | RpcNotification : undefined;
  }
  if (!hasId || (isObject(result) === isObject(error))) return undefined;
  return value as unknown as RpcResponse;
}

export function isRequest(message: RpcMessage): message is RpcRequest {
  return "method" in message && "id" in message && message.id !== undefined;
}

export function isNotification(message: RpcMessage): message is RpcNotification {
  return "method" in message && !isRequest(message);
}
