import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { clientAddress } from "./client_address.ts";
import type { Handler, Listener, ListenOptions } from "./listen.ts";

/** Milliseconds a peer has: for the header of a request, between requests, and for a whole request. */
export interface Patience {
  readonly headerMs: number;
  readonly idleMs: number;
  readonly requestMs: number;
}

export const DEFAULT_PATIENCE: Patience = { headerMs: 8000, idleMs: 25_000, requestMs: 30_000 };

/** Longest header block that is read, in bytes. */
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * A listener that others than this host can reach: it closes connections that are slow or idle and holds
 * no more than `maxConnections`. `Deno.serve` does neither, so this one is Node's server with timers of
 * its own.
 */
export function listenGuarded(
  options: ListenOptions & { readonly maxConnections: number; readonly patience?: Patience },
  handle: Handler,
): Promise<Listener> {
  const patience = options.patience ?? DEFAULT_PATIENCE;
  const watch = watchSockets(patience);
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 },
    (request, response) => {
      watch.begin(request, response);
      void answer(options, handle, request, response, patience.requestMs);
    },
  );
  server.maxConnections = options.maxConnections;
  server.on("connection", (socket: Socket) => watch.add(socket));
  server.on("clientError", (_error: Error, socket: Socket) => refuse(socket));
  return listen(server, options, watch);
}

function listen(server: Server, options: ListenOptions, watch: Watch): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<Listener>();
  server.once("error", reject);
  server.listen({ host: options.address, port: options.port, reusePort: true }, () => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : options.port;
    resolve({ port, close: () => close(server, watch) });
  });
  return promise;
}

function close(server: Server, watch: Watch): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  watch.closeIdle();
  return promise.finally(() => watch.stop());
}

async function answer(
  options: ListenOptions,
  handle: Handler,
  request: IncomingMessage,
  response: ServerResponse,
  readMs: number,
): Promise<void> {
  try {
    const peer = request.socket.remoteAddress ?? "unknown";
    const forwarded = headerOf(request, "x-forwarded-for");
    const address = clientAddress(peer, forwarded, options.trustedProxies);
    const onGone = (callback: () => void): void => {
      response.on("close", () => response.writableFinished || callback());
    };
    await send(await handle(toRequest(request), { address, onGone }), response, readMs);
  } catch {
    if (!response.headersSent) response.writeHead(500);
    response.end();
  }
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value ?? null;
}

function toRequest(incoming: IncomingMessage): Request {
  const headers = new Headers();
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i] ?? "", incoming.rawHeaders[i + 1] ?? "");
  }
  const method = incoming.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(urlOf(incoming.url ?? "/"), {
    method,
    headers,
    ...hasBody && { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array> },
  });
}

/** Only path and query count; the host that a client names could be no host at all. */
function urlOf(target: string): string {
  const { pathname, search } = target.startsWith("/")
    ? { pathname: target, search: "" }
    : URL.parse(target) ?? { pathname: "/", search: "" };
  return `http://localhost${pathname}${search}`;
}

/** Each cookie is a header of its own; all others have one value. */
function headersOf({ headers }: Response): Record<string, string | string[]> {
  const cookies = headers.getSetCookie();
  const rest = Object.fromEntries(headers);
  return cookies.length === 0 ? rest : { ...rest, "set-cookie": cookies };
}

/** Sends an answer as fast as it is read; a client that takes nothing for `readMs` milliseconds is let go. */
async function send(answer: Response, response: ServerResponse, readMs: number): Promise<void> {
  response.writeHead(answer.status, headersOf(answer));
  response.flushHeaders();
  const reader = answer.body?.getReader();
  response.on("close", () => void reader?.cancel().catch(() => undefined));
  while (reader && !response.destroyed) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!response.write(value)) await drained(response, readMs);
  }
  response.end();
}

function drained(response: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    const timer = setTimeout(() => {
      response.destroy();
      done();
    }, ms);
    response.on("drain", done);
    response.on("close", done);
  });
}

function refuse(socket: Socket): void {
  if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
  else socket.destroy();
}

interface Watch {
  add(socket: Socket): void;
  begin(request: IncomingMessage, response: ServerResponse): void;
  closeIdle(): void;
  stop(): void;
}

interface Watched {
  /** `answer`: the request was read; what it comes to may take as long as it takes. */
  phase: "header" | "idle" | "request" | "answer";
  since: number;
  bytesAtIdle: number;
}

const SWEEP_MS = 500;

/** Keeps the time of every connection; one sweep for all of them costs less than a timer for each. */
function watchSockets(patience: Patience): Watch {
  const sockets = new Map<Socket, Watched>();
  const limit = {
    header: patience.headerMs,
    idle: patience.idleMs,
    request: patience.requestMs,
    answer: Infinity,
  } as const;
  const timer = setInterval(() => {
    const now = performance.now();
    for (const [socket, watched] of sockets) {
      const started = watched.phase === "idle" && socket.bytesRead > watched.bytesAtIdle;
      if (started) Object.assign(watched, { phase: "header", since: now });
      if (now - watched.since > limit[watched.phase]) socket.destroy();
    }
  }, SWEEP_MS);
  return {
    add(socket) {
      sockets.set(socket, { phase: "header", since: performance.now(), bytesAtIdle: 0 });
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => socket.destroy());
    },
    begin(request, response) {
      const { socket } = request;
      const watched = sockets.get(socket);
      if (!watched) return;
      const hasBody = request.method !== "GET" && request.method !== "HEAD";
      const phase = hasBody ? "request" : "answer";
      Object.assign(watched, { phase, since: performance.now() });
      request.on("end", () => {
        // Unread bodies end when the answer is over already.
        if (watched.phase === "request") watched.phase = "answer";
      });
      response.on("finish", () => {
        Object.assign(watched, {
          phase: "idle",
          since: performance.now(),
          bytesAtIdle: socket.bytesRead,
        });
      });
    },
    closeIdle() {
      for (const [socket, { phase }] of sockets) {
        if (phase === "header" || phase === "idle") socket.destroy();
      }
    },
    stop: () => clearInterval(timer),
  };
}
