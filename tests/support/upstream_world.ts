import { fileURLToPath } from "node:url";
import { type ConfiningHost, findConfiningHost, writeLauncher } from "../../src/confinement/mod.ts";
import { connectLine, type Line, type LineEvent } from "../../src/egress/mod.ts";
import { type Clock, systemClock } from "../../src/kernel/clock.ts";
import { createLog } from "../../src/kernel/log.ts";
import {
  type HttpUpstream,
  type LineGate,
  type StdioUpstream,
  type UpstreamConfig,
  Upstreams,
} from "../../src/upstream/mod.ts";
import type { Vault } from "../../src/vault/mod.ts";
import { openGate, tokenOf } from "./line_gate.ts";

/** Upstreams with servers of a test, and the gateway's ends of lines to them. */
export interface UpstreamWorld {
  readonly upstreams: Upstreams;
  /** What starts the children; in the folder that stands for the home. */
  readonly launcher: string;
  /** Puts other servers in force. */
  configure(servers: readonly UpstreamConfig[]): Promise<void>;
  /** Opens a line as the gateway does. */
  open(server: string, options?: OpenOptions): Promise<TestLine>;
}

export interface OpenOptions {
  readonly owner?: string;
  readonly userId?: string;
  readonly department?: string;
}

export interface TestLine extends Line {
  readonly confinement: string;
  /** Everything that came so far. */
  readonly events: readonly LineEvent[];
  /** Sends a request and answers its result. */
  // deno-lint-ignore no-explicit-any
  ask(method: string, params?: unknown): Promise<any>;
  /** The event that answers a request. */
  askFor(method: string, params?: unknown): Promise<Extract<LineEvent, { kind: "message" }>>;
  /** Sends a request that is not answered. */
  tell(method: string, params?: unknown): void;
  readonly closed: Promise<Extract<LineEvent, { kind: "closed" }>>;
}

export interface WorldOptions {
  readonly servers: readonly UpstreamConfig[];
  readonly vault?: Vault;
  /** Believes what tokens say, unless told. */
  readonly gate?: LineGate;
  readonly clock?: Clock;
  /** Changes what the host offers, e.g. to confine less than it can. */
  readonly host?: (host: ConfiningHost) => ConfiningHost;
}

/** No secret is set. */
const EMPTY: Vault = { resolve: () => Promise.resolve(undefined) };

/** Runs `work` with upstreams in this process, and ends them. */
export async function withUpstreams(
  options: WorldOptions,
  work: (world: UpstreamWorld) => Promise<void>,
): Promise<void> {
  const { servers, vault = EMPTY, gate = openGate, clock = systemClock } = options;
  const { host: change = (host) => host } = options;
  const folder = await Deno.makeTempDir({ prefix: "spgov-upstreams-" });
  const launcher = `${folder}/launch-mcp`;
  const host = change(await findConfiningHost(Deno.env.toObject()));
  const setup = async (servers: readonly UpstreamConfig[]) => {
    const children = servers.filter((server) => server.transport === "stdio");
    const plans = await writeLauncher(launcher, children, host, { base: folder, home: folder });
    return { servers, launcher, plans };
  };
  const log = createLog({ module: "test", write: () => {} });
  const upstreams = new Upstreams(await setup(servers), { vault, gate, clock, log });
  try {
    await work({
      upstreams,
      launcher,
      configure: async (next) => upstreams.configure(await setup(next)),
      open: (server, options) => openLine(upstreams, server, options),
    });
  } finally {
    await upstreams.close();
    await Deno.remove(folder, { recursive: true });
  }
}

let keys = 0;

async function openLine(
  upstreams: Upstreams,
  server: string,
  { owner = "gateway-0", userId = "alice", department }: OpenOptions = {},
): Promise<TestLine> {
  const { port1, port2 } = new MessageChannel();
  const events: LineEvent[] = [];
  const waiting = new Map<unknown, (event: Extract<LineEvent, { kind: "message" }>) => void>();
  const closed = Promise.withResolvers<Extract<LineEvent, { kind: "closed" }>>();
  const line = connectLine(port1, (event) => {
    events.push(event);
    if (event.kind === "closed") return closed.resolve(event);
    waiting.get((event.message as { id?: unknown }).id)?.(event);
  });
  const request = { server, key: `key-${++keys}`, token: tokenOf(userId, department) };
  const opened = await upstreams.methods(owner).openLine(request, port2).catch((error) => {
    line.close();
    throw error;
  });
  let ids = 0;
  const askFor: TestLine["askFor"] = (method, params = {}) =>
    new Promise((resolve, reject) => {
      waiting.set(++ids, resolve);
      void closed.promise.then(({ reason }) => reject(new Error(`The line ended: it ${reason}`)));
      line.send({ jsonrpc: "2.0", id: ids, method, params });
    });
  return {
    ...line,
    ...opened,
    events,
    closed: closed.promise,
    askFor,
    ask: async (method, params) =>
      ((await askFor(method, params)).message as { result: unknown }).result,
    tell: (method, params = {}) => line.send({ jsonrpc: "2.0", id: ++ids, method, params }),
  };
}

const CHILD = fileURLToPath(new URL("./upstream_child.ts", import.meta.url));

/** A server that does what it is told, see `upstream_child.ts`. */
export function childServer(
  name: string,
  options: Partial<StdioUpstream> & { readonly childArgs?: readonly string[] } = {},
): StdioUpstream {
  const { childArgs = [], ...rest } = options;
  return {
    transport: "stdio",
    name,
    command: Deno.execPath(),
    args: ["run", "--quiet", "--no-prompt", "-A", "--no-config", "--no-lock", CHILD, ...childArgs],
    environment: {},
    secrets: {},
    network: false,
    isolation: "session",
    output_limit_bytes: 10 * 1024 * 1024,
    idle_ms: 300_000,
    max_restarts: 0,
    ...rest,
  };
}

/** A server that is reached at `endpoint`. */
export function remoteServer(
  name: string,
  endpoint: string,
  options: Partial<HttpUpstream> = {},
): HttpUpstream {
  return {
    transport: "http",
    name,
    endpoint,
    headers: {},
    secret_headers: {},
    isolation: "session",
    output_limit_bytes: 10 * 1024 * 1024,
    idle_ms: 300_000,
    max_restarts: 0,
    timeout_ms: 60_000,
    ...options,
  };
}
