import { AppError, type ErrorCode } from "../../../kernel/errors.ts";
import { homeAt } from "../../../kernel/home.ts";
import { findService } from "../../../kernel/service_file.ts";
import { VERSION } from "../../../kernel/version.ts";
import { serverPath } from "../../../plugins/mod.ts";
import type { CliContext } from "../../context.ts";
import { findAddress } from "../../core/hooks/address.ts";
import { fetchDirect } from "../../direct_fetch.ts";
import { headerText } from "./header_text.ts";
import { issueServerToken, type ServerTokenWish } from "./server_token.ts";
import { readEvents } from "./sse.ts";

/** The revision that this command line speaks: one request is one call, without a session. */
const REVISION = "2026-07-28";
const META = {
  "io.modelcontextprotocol/protocolVersion": REVISION,
  "io.modelcontextprotocol/clientInfo": { name: "spgov-cli", version: VERSION },
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** A list that goes on longer has no end. */
const MAX_PAGES = 1000;

type Params = Readonly<Record<string, unknown>>;

/** What a server answered, or why it did not. */
export type GatewayAnswer =
  // deno-lint-ignore no-explicit-any -- results of every shape
  | { readonly ok: true; readonly result: any }
  | { readonly ok: false; readonly error: GatewayError };

export interface GatewayError {
  /** Of JSON-RPC. */
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** One server of the running appliance, reached as any client reaches it. */
export interface Gateway {
  request(method: string, params: Params): Promise<GatewayAnswer>;
  /** Every page of a list. Throws what keeps it from being listed. */
  // deno-lint-ignore no-explicit-any -- items of every shape
  list(method: string, key: string): Promise<any[]>;
}

export interface GatewayWish extends ServerTokenWish {
  /** Milliseconds that an answer may take. */
  readonly timeoutMs: number;
}

/** Address of the running appliance. Throws `unavailable` where none runs. */
export async function findRunning(context: CliContext): Promise<string> {
  if (await findService(homeAt(context.home).serviceFile)) return (await findAddress(context)).url;
  throw new AppError("unavailable", `No appliance runs in "${context.home}"`, {
    hint: 'Start it with "spgov start --detach".',
  });
}

/** Opens a server with a token of the operator's own, or of whoever is named. */
export async function openGateway(context: CliContext, wish: GatewayWish): Promise<Gateway> {
  const base = await findRunning(context);
  const { token } = await issueServerToken(context, wish);
  const url = `${base}${serverPath(wish.server)}`;
  let lastId = 0;

  async function request(method: string, params: Params): Promise<GatewayAnswer> {
    const id = ++lastId;
    const response = await send(url, token, wish.timeoutMs, {
      jsonrpc: "2.0",
      id,
      method,
      params: { ...params, _meta: META },
    });
    return await readAnswer(response, id, wish.server);
  }

  return {
    request,
    async list(method, key) {
      const found = [];
      let cursor: unknown;
      for (let page = 0; page < MAX_PAGES; page++) {
        const answer = await request(method, cursor === undefined ? {} : { cursor });
        if (!answer.ok) throw failureOf(wish.server, answer.error);
        found.push(...answer.result[key]);
        cursor = answer.result.nextCursor;
        if (cursor === undefined) break;
      }
      return found;
    },
  };
}

interface Message {
  readonly jsonrpc: "2.0";
  readonly id: number;
  readonly method: string;
  readonly params: Params;
}

async function send(
  url: string,
  token: string,
  timeoutMs: number,
  message: Message,
): Promise<Response> {
  const name = message.params.name ?? message.params.uri;
  try {
    return await fetchDirect(url, {
      method: "POST",
      headers: {
        "authorization": `Bearer ${token}`,
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": REVISION,
        "mcp-method": message.method,
        ...typeof name === "string" && { "mcp-name": headerText(name) },
      },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    const late = cause instanceof DOMException && cause.name === "TimeoutError";
    throw new AppError(
      "unavailable",
      late ? `No answer within ${timeoutMs / 1000} s` : `Nobody answers at ${new URL(url).origin}`,
      { cause },
    );
  }
}

async function readAnswer(response: Response, id: number, server: string): Promise<GatewayAnswer> {
  for await (const message of messagesOf(response)) {
    // An error whose request could not be read has no id.
    const isOurs = message.id === id || (message.error !== undefined && !message.id);
    if (!isOurs) continue;
    return message.error === undefined
      ? { ok: true, result: message.result }
      : { ok: false, error: message.error };
  }
  throw httpFailure(server, response.status);
}

interface Received {
  readonly id?: number | string | null;
  readonly result?: unknown;
  readonly error?: GatewayError;
}

async function* messagesOf(response: Response): AsyncGenerator<Received> {
  if (response.body && /^text\/event-stream/.test(response.headers.get("content-type") ?? "")) {
    for await (const event of readEvents(response.body)) yield JSON.parse(event);
    return;
  }
  const text = await response.text();
  try {
    const body = JSON.parse(text);
    if (body?.jsonrpc === "2.0") yield body;
  } catch {
    // No message: the status says what happened.
  }
}

function httpFailure(server: string, status: number): AppError {
  switch (status) {
    case 401:
      return new AppError("unauthenticated", `Server "${server}" refuses the token`);
    case 403:
      return new AppError("forbidden", `Server "${server}" may not be used with this token`);
    case 404:
      return new AppError("not_found", `There is no server "${server}"`, {
        hint: 'See "spgov plugins mcp list".',
      });
    default:
      return new AppError("unavailable", `Server "${server}" answered with HTTP ${status}`);
  }
}

/** What is wrong, as an error that decides the exit status. */
export function failureOf(server: string, { code, message, data }: GatewayError): AppError {
  // Most messages name the server already.
  const text = message.includes(`"${server}"`) ? message : `"${server}": ${message}`;
  const { rule } = { ...data as { readonly rule?: unknown } };
  // Where tools are not pinned the server itself says so, in the words of the official library.
  if (rule === "unknown_tool" || /^Tool \S+ not found$/.test(message)) {
    return new AppError("not_found", text, { hint: `See "spgov plugins mcp tools ${server}".` });
  }
  const secret = /needs the secret "([^"]+)"/.exec(message)?.[1];
  const hint = secret && `Set it: spgov cloud secrets set ${secret} --server ${server}`;
  return new AppError(KINDS[code] ?? "internal", text, hint === undefined ? {} : { hint });
}

/** What the codes of JSON-RPC mean at this command line. */
const KINDS: Readonly<Record<number, ErrorCode>> = {
  [-32602]: "usage",
  [-32601]: "not_found",
  [-32003]: "denied",
  [-32004]: "not_found",
  [-32029]: "rate_limited",
  [-32050]: "unavailable",
};
