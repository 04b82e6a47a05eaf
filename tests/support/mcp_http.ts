// deno-lint-ignore-file no-explicit-any -- JSON of every shape
import { fileURLToPath } from "node:url";
import type { TestServer } from "./mcp_gateway.ts";

/** The fixture server with these flags, as a server behind the gateway. */
export function fixture(
  flags: readonly string[] = [],
  rules: Readonly<Record<string, unknown>> = {},
): TestServer {
  const path = fileURLToPath(new URL("../fixtures/mcp/server.ts", import.meta.url));
  return { command: Deno.execPath(), args: ["run", "--quiet", path, ...flags], rules };
}

const VERSION = "2026-07-28";

export function envelope(capabilities: Readonly<Record<string, unknown>> = {}): any {
  return {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": capabilities,
  };
}

/** An HTTP answer with the JSON-RPC messages in it. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly messages: readonly any[];
  /** The last message: the answer to the request. */
  readonly reply: any;
}

/** Sends a body as it is and reads everything that comes. */
export async function post(
  url: string,
  token: string | undefined,
  body: unknown,
  headers?: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<RawAnswer> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      ...token === undefined ? {} : { authorization: `Bearer ${token}` },
      "content-type": "application/json",
      "accept": "application/json, text/event-stream",
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...signal && { signal },
  });
  return readAnswer(response, await response.text());
}

export function readAnswer(response: Response, text: string): RawAnswer {
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  const messages = isStream
    ? text.split("\n").filter((line) => line.startsWith("data: {")).map((line) =>
      JSON.parse(line.slice(6))
    )
    : text === ""
    ? []
    : [JSON.parse(text)];
  const { status, headers } = response;
  return { status, headers, messages, reply: messages.at(-1) };
}

const NAMED: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
};

/** A request of revision 2026-07-28, with the header fields that it takes. */
export async function modern(
  url: string,
  token: string | undefined,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  options: {
    readonly capabilities?: Readonly<Record<string, unknown>>;
    readonly headers?: Readonly<Record<string, string>>;
    readonly meta?: Readonly<Record<string, unknown>>;
    readonly signal?: AbortSignal;
  } = {},
): Promise<RawAnswer> {
  const name = params[NAMED[method] ?? ""];
  const _meta = { ...envelope(options.capabilities), ...options.meta };
  return await post(url, token, { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } }, {
    "mcp-protocol-version": VERSION,
    "mcp-method": method,
    ...typeof name === "string" && { "mcp-name": name },
    ...options.headers,
  }, options.signal);
}

/** A session of revision 2025-11-25. */
export interface RawSession {
  readonly id: string;
  request(method: string, params?: Readonly<Record<string, unknown>>): Promise<RawAnswer>;
  send(body: unknown): Promise<RawAnswer>;
}

export async function openSession(
  url: string,
  token: string,
  capabilities: Readonly<Record<string, unknown>> = {},
): Promise<RawSession> {
  const clientInfo = { name: "raw", version: "1" };
  const params = { protocolVersion: "2025-11-25", capabilities, clientInfo };
  const opened = await post(url, token, { jsonrpc: "2.0", id: 0, method: "initialize", params });
  const id = opened.headers.get("mcp-session-id");
  if (id === null || !opened.reply.result) throw new Error(JSON.stringify(opened.reply));
  const headers = { "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" };
  const send = (body: unknown) => post(url, token, body, headers);
  await send({ jsonrpc: "2.0", method: "notifications/initialized" });
  let last = 0;
  return {
    id,
    send,
    request: (method, params = {}) => send({ jsonrpc: "2.0", id: ++last, method, params }),
  };
}
