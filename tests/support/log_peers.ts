import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** A request as a collector behind HTTP got it. */
export interface Received {
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

export interface HttpPeer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Received[];
  /** What it answers from now on. */
  answer: (request: Received) => Response | Promise<Response>;
}

/** A collector behind HTTP on a real port. */
export function startHttpPeer(
  answer: HttpPeer["answer"],
  port = 0,
): HttpPeer {
  const received: Received[] = [];
  const peer = { answer };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const got = { path: pathname, headers: request.headers, body: await request.text() };
      received.push(got);
      return await peer.answer(got);
    },
  );
  return Object.assign(peer, {
    url: `http://127.0.0.1:${server.addr.port}`,
    port: server.addr.port,
    received,
    [Symbol.asyncDispose]: () => server.shutdown(),
  });
}

/** A message as RFC 5424 has it, taken apart. */
export interface SyslogMessage {
  readonly facility: number;
  readonly severity: number;
  readonly time: string;
  readonly host: string;
  readonly app: string;
  readonly process: string;
  readonly id: string;
  readonly data: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface SyslogPeer extends AsyncDisposable {
  readonly port: number;
  readonly messages: readonly SyslogMessage[];
  /** Connections that were made. */
  readonly connections: number;
  /** `read` takes and closes; `reset` resets after reading; `hold` reads and never closes. */
  mode: "read" | "reset" | "hold";
}

const MESSAGE =
  /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) (-|(?:\[.*?(?<!\\)\])+) \ufeff(.*)$/s;
const PARAMETER = / ([^= \]"]{1,32})="((?:[^"\\\]]|\\["\\\]])*)"/gy;

function parse(text: string): SyslogMessage {
  const match = MESSAGE.exec(text);
  if (!match) throw new Error(`This is no RFC 5424: ${text}`);
  const [
    ,
    priority = "",
    time = "",
    host = "",
    app = "",
    process = "",
    id = "",
    data = "",
    body = "",
  ] = match;
  const values: Record<string, string> = {};
  const [, sdId = ""] = /^\[([^ \]"=]+)/.exec(data) ?? [];
  PARAMETER.lastIndex = 1 + sdId.length;
  let at = PARAMETER.lastIndex;
  for (let found = PARAMETER.exec(data); found; found = PARAMETER.exec(data)) {
    values[found[1] ?? ""] = (found[2] ?? "").replace(/\\(["\\\]])/g, "$1");
    at = PARAMETER.lastIndex;
  }
  if (data.slice(at) !== "]") throw new Error(`This is no structured data: ${data}`);
  return {
    facility: Math.floor(Number(priority) / 8),
    severity: Number(priority) % 8,
    time,
    host,
    app,
    process,
    id,
    data: { ...values, sdId },
    text: body,
  };
}

/** The messages of a stream framed by length; throws for what is not framed so. */
function unframe(bytes: Uint8Array): { messages: SyslogMessage[]; rest: Uint8Array } {
  const messages: SyslogMessage[] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    if (space < 0) break;
    const digits = decoder.decode(bytes.subarray(at, space));
    if (!/^[1-9]\d*$/.test(digits)) throw new Error(`This is no length: ${digits}`);
    const end = space + 1 + Number(digits);
    if (end > bytes.length) break;
    messages.push(parse(decoder.decode(bytes.subarray(space + 1, end))));
    at = end;
  }
  return { messages, rest: bytes.slice(at) };
}

/** A syslog collector over TCP, or TLS with a certificate. What it cannot read it throws in `fail`. */
export async function startSyslogPeer(
  { tls, port = 0, fail }: {
    readonly tls?: { readonly cert: string; readonly key: string };
    readonly port?: number;
    readonly fail: (error: unknown) => void;
  },
): Promise<SyslogPeer> {
  const messages: SyslogMessage[] = [];
  const sockets = new Set<Socket>();
  const peer = { mode: "read" as SyslogPeer["mode"], connections: 0, messages };
  const take = (socket: Socket): void => {
    peer.connections++;
    sockets.add(socket);
    let waiting = new Uint8Array();
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk: Uint8Array) => {
      try {
        const joined = new Uint8Array(waiting.length + chunk.length);
        joined.set(waiting);
        joined.set(chunk, waiting.length);
        const { messages: found, rest } = unframe(joined);
        waiting = rest as Uint8Array<ArrayBuffer>;
        messages.push(...found);
      } catch (error) {
        fail(error);
      }
    });
    socket.on("end", () => {
      if (waiting.length > 0) fail(new Error("A message was cut"));
      if (peer.mode === "read") socket.end();
      else if (peer.mode === "reset") socket.destroy(new Error("reset"));
    });
  };
  const options = { allowHalfOpen: true };
  const server: Server = tls
    ? createTlsServer({ ...options, ...tls }, take)
    : createServer(options, take);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return Object.assign(peer, {
    port: (server.address() as { port: number }).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
