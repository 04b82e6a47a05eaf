import { messageOf } from "../../../kernel/errors.ts";
import { createDirectClient } from "../../direct_fetch.ts";
import { headerText } from "./header_text.ts";
import { readEvents } from "./sse.ts";

export interface BridgeOptions {
  /** Address of a server at the gateway. */
  readonly url: string;
  /** A token that is good now. `isRefused`: the one before was not, whatever it says of itself. */
  token(isRefused: boolean): Promise<string>;
  /** Gets every message of the server as one line of JSON. */
  write(message: string): void;
  /** Something that no message can tell. */
  report(problem: unknown): void;
}

/** Carries messages between a client that speaks lines and a server that speaks HTTP, in either era. */
export interface Bridge {
  /** Sends a line of JSON; what comes back goes to `write`, in whatever order it comes. */
  send(line: string): void;
  /** Waits for what is under way, a moment, and ends the session. */
  close(): Promise<void>;
}

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: {
    readonly name?: unknown;
    readonly uri?: unknown;
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
}

const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";
const CLOSING_MS = 2000;

export function createBridge({ url, token, write, report }: BridgeOptions): Bridge {
  const client = createDirectClient();
  const stopping = new AbortController();
  const pending = new Set<Promise<void>>();
  let session: string | undefined;
  let version: string | undefined;
  // A session's first messages depend on each other: the next one waits until the one before was taken.
  let before: Promise<unknown> = Promise.resolve();

  function send(line: string): void {
    const message = parse(line);
    if (!message) return write(errorText(null, -32700, "Parse error"));
    const work = before.then(() => exchange(message, line));
    const isOpening = message.method === "initialize" ||
      message.method === "notifications/initialized";
    if (isOpening) before = work;
    pending.add(work);
    void work.finally(() => pending.delete(work));
  }

  async function exchange(message: Message, line: string): Promise<void> {
    try {
      const response = await post(message, line);
      session ??= response.headers.get("mcp-session-id") ?? undefined;
      const answered = await passOn(response, message.id);
      if (!answered && message.id !== undefined && message.method !== undefined) {
        write(errorText(message.id, -32000, `The gateway answered with HTTP ${response.status}`));
      }
      if (message.method === "notifications/initialized" && session !== undefined) void listen();
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (message.id === undefined || message.method === undefined) return report(error);
      write(errorText(message.id, -32000, `The gateway cannot be reached: ${messageOf(error)}`));
    }
  }

  async function post(message: Message, line: string): Promise<Response> {
    const ask = async (isRefused: boolean) =>
      await fetch(url, {
        method: "POST",
        headers: { ...headersOf(message), authorization: `Bearer ${await token(isRefused)}` },
        body: line,
        signal: stopping.signal,
        client,
      });
    const first = await ask(false);
    if (first.status !== 401) return first;
    await first.body?.cancel();
    return await ask(true);
  }

  function headersOf({ method, params }: Message): Record<string, string> {
    const declared = params?._meta?.[VERSION_KEY];
    const used = typeof declared === "string" ? declared : version;
    const name = params?.name ?? params?.uri;
    return {
      "content-type": "application/json",
      "accept": "application/json, text/event-stream",
      ...used !== undefined && { "mcp-protocol-version": used },
      ...session !== undefined && { "mcp-session-id": session },
      ...typeof declared === "string" && method !== undefined && { "mcp-method": method },
      ...typeof declared === "string" && typeof name === "string" &&
        { "mcp-name": headerText(name) },
    };
  }

  /** Whether the answer to `id` was among what was passed on. */
  async function passOn(response: Response, id: Message["id"]): Promise<boolean> {
    let answered = false;
    for await (const text of textsOf(response)) {
      const message = parse(text);
      if (!message) continue;
      if (message.id === id && message.method === undefined) answered = true;
      const negotiated = (message as { result?: { protocolVersion?: unknown } }).result
        ?.protocolVersion;
      if (typeof negotiated === "string") version = negotiated;
      write(JSON.stringify(message));
    }
    return answered;
  }

  /** What the server says of its own accord, in a session of 2025. */
  async function listen(): Promise<void> {
    try {
      const response = await fetch(url, {
        headers: {
          ...headersOf({}),
          accept: "text/event-stream",
          authorization: `Bearer ${await token(false)}`,
        },
        signal: stopping.signal,
        client,
      });
      if (response.ok) await passOn(response, undefined);
      else await response.body?.cancel();
    } catch (error) {
      if (!stopping.signal.aborted) report(error);
    }
  }

  async function endSession(): Promise<void> {
    if (session === undefined) return;
    const headers = { ...headersOf({}), authorization: `Bearer ${await token(false)}` };
    const signal = AbortSignal.timeout(CLOSING_MS);
    const response = await fetch(url, { method: "DELETE", headers, signal, client });
    await response.body?.cancel();
  }

  return {
    send,
    async close() {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => timer = setTimeout(resolve, CLOSING_MS));
      await Promise.race([Promise.all(pending), late]);
      clearTimeout(timer);
      stopping.abort();
      await endSession().catch(() => {});
      client.close();
    },
  };
}

async function* textsOf(response: Response): AsyncGenerator<string> {
  if (response.body && /^text\/event-stream/.test(response.headers.get("content-type") ?? "")) {
    return yield* readEvents(response.body);
  }
  const text = await response.text();
  if (text !== "") yield text;
}

/** A JSON-RPC message; undefined for anything else, such as a problem document. */
function parse(text: string): Message | undefined {
  try {
    const value = JSON.parse(text);
    return value?.jsonrpc === "2.0" ? value : undefined;
  } catch {
    return undefined;
  }
}

function errorText(id: Message["id"] | null, code: number, message: string): string {
  return JSON.stringify({ jsonrpc: "2.0", id: id ?? null, error: { code, message } });
}
