// deno-lint-ignore-file no-console
/**
 * Governed tool calls against two gateways of others that govern nothing, in one run on one machine: the same echo
 * server over standard input and output behind each, the same load before it.
 *
 *     deno task bench mcp_proxies [--seconds 10] [--clients 10] [--json]
 *
 * The others are measured by the 2026 revision and by sessions of 2025; the better counts. Exit status 1 where
 * the governed gateway is not ahead of both.
 */
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { createTemplate, type RequestTemplate, runLoad, SERIAL } from "../../src/bench/mod.ts";
import { V8_FLAGS } from "../../src/kernel/self.ts";
import { obtainPeers, type PeerProgram, type Peers } from "../../tests/support/mcp_peers/mod.ts";

interface Figures {
  readonly gateway: string;
  readonly version: string;
  readonly governed: boolean;
  readonly wire: string;
  readonly per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly errors: number;
}

interface Other {
  readonly program: PeerProgram;
  readonly name: string;
  readonly args: (port: number, echo: readonly string[]) => readonly string[];
}

const OTHERS: readonly Other[] = [
  {
    program: "mcpProxy",
    name: "mcp-proxy",
    args: (port, echo) => [
      ...["--host", "127.0.0.1", "--port", `${port}`, "--server", "stream", "--no-eventStore"],
      ...["--", ...echo],
    ],
  },
  {
    program: "supergateway",
    name: "supergateway",
    args: (port, echo) => [
      ...["--stdio", echo.join(" "), "--outputTransport", "streamableHttp", "--stateful"],
      ...["--port", `${port}`, "--logLevel", "none"],
    ],
  },
];

const LOOPBACK = new URL(
  "../../tests/support/mcp_peers/drivers/loopback.mjs",
  import.meta.url,
).href;
const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const SELF = [
  Deno.execPath(),
  "run",
  "--quiet",
  "--no-prompt",
  "-A",
  `--v8-flags=${V8_FLAGS.join(",")}`,
  MAIN,
];
const HEADERS = { accept: "application/json, text/event-stream" };
const ENVELOPE = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
const WARM_UP_MS = 3000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    clients: { type: "string", default: "10" },
    json: { type: "boolean", default: false },
  },
});
const [seconds, clients] = [Number(values.seconds), Number(values.clients)];

const peers = await obtainPeers();
if ("reason" in peers) {
  console.error(peers.reason);
  Deno.exit(1);
}
const figures: Figures[] = [];
for (const other of OTHERS) figures.push(...await measureOther(peers, other));
figures.push(await measureOurs());
report(figures);

async function measureOther(peers: Peers, { program, name, args }: Other): Promise<Figures[]> {
  const port = freePort();
  const [command, ...rest] = peers.command(program, ...args(port, [...SELF, "serve-demo", "echo"]));
  const child = new Deno.Command(command, {
    args: rest,
    env: { NODE_OPTIONS: `--import=${LOOPBACK}`, NODE_ENV: "production" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await listens(port);
    const version = await versionOf(peers, name);
    return [
      await measure({ name, version, port, wire: "2026-07-28" }),
      await measure({ name, version, port, wire: "2025-11-25, sessions" }),
    ];
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
}

interface Target {
  readonly name: string;
  readonly version: string;
  readonly port: number;
  readonly wire: string;
}

async function measure({ name, version, port, wire }: Target): Promise<Figures> {
  console.error(`${name}, ${wire}`);
  const isModern = wire === "2026-07-28";
  const sessions = isModern
    ? []
    : await Promise.all(Array.from({ length: clients }, () => openSession(port)));
  const modern = isModern ? [modernTemplate(port)] : [];
  const load = (ms: number) =>
    runLoad({
      hostname: "127.0.0.1",
      port,
      connections: clients,
      templates: (connection) =>
        isModern ? modern : sessions.filter((_, at) => at === connection % clients),
      amount: { ms },
      understand: ({ head, body }) => {
        const status = Number(head.slice(9, 12));
        const isEcho = status === 200 && body.includes("Say that this is call");
        return {
          status,
          policy: undefined,
          decisionId: undefined,
          ...isEcho ? { outcome: "allow" } : { outcome: "error", problem: `status ${status}` },
        };
      },
    });
  await load(WARM_UP_MS);
  const result = await load(seconds * 1000);
  return {
    gateway: name,
    version,
    governed: false,
    wire,
    per_second: result.outcomes.allow / result.seconds,
    p50_ms: result.latencyUs.p50 / 1000,
    p99_ms: result.latencyUs.p99 / 1000,
    errors: result.sent - result.outcomes.allow,
  };
}

function modernTemplate(port: number): RequestTemplate {
  return createTemplate({
    host: `127.0.0.1:${port}`,
    path: "/mcp",
    body: callText({ _meta: ENVELOPE }),
    headers: {
      ...HEADERS,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "echo",
    },
  });
}

async function openSession(port: number): Promise<RequestTemplate> {
  const url = `http://127.0.0.1:${port}/mcp`;
  const send = (headers: Record<string, string>, message: object) =>
    fetch(url, {
      method: "POST",
      headers: { ...HEADERS, "content-type": "application/json", ...headers },
      body: JSON.stringify({ jsonrpc: "2.0", ...message }),
    });
  const opened = await send({}, {
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "bench", version: "1" },
    },
  });
  const session = opened.headers.get("mcp-session-id") ?? "";
  const version = /"protocolVersion":"([^"]+)"/.exec(await opened.text())?.[1] ?? "2025-11-25";
  const headers = { "mcp-session-id": session, "mcp-protocol-version": version };
  await (await send(headers, { method: "notifications/initialized" })).body?.cancel();
  return createTemplate({
    host: `127.0.0.1:${port}`,
    path: "/mcp",
    body: callText({}),
    headers: { ...HEADERS, ...headers },
  });
}

function callText(more: object): string {
  const text = `Say that this is call ${SERIAL} of the benchmark`;
  const params = { name: "echo", arguments: { text }, ...more };
  return JSON.stringify({ jsonrpc: "2.0", id: SERIAL, method: "tools/call", params });
}

/** The program's own benchmark, in a process of its own as theirs. */
async function measureOurs(): Promise<Figures> {
  console.error("spgov, 2026-07-28");
  const [command = "", ...rest] = SELF;
  const { stdout } = await new Deno.Command(command, {
    args: [...rest, "bench", "mcp", "--seconds", `${seconds}`, "--json", "--quiet"],
    stderr: "inherit",
  }).output();
  const { data } = JSON.parse(new TextDecoder().decode(stdout));
  const [report] = data.reports ?? [data];
  const { many } = report.details;
  return {
    gateway: "spgov",
    version: (await import("../../src/kernel/version.ts")).VERSION,
    governed: true,
    wire: "2026-07-28",
    per_second: many.perSecond,
    p50_ms: many.latencyUs.p50 / 1000,
    p99_ms: many.latencyUs.p99 / 1000,
    errors: many.sent - many.outcomes.allow,
  };
}

function report(figures: readonly Figures[]): void {
  const ours = figures.find(({ governed }) => governed)?.per_second ?? 0;
  const theirs = Math.max(...figures.filter(({ governed }) => !governed).map((f) => f.per_second));
  const isAhead = ours > theirs;
  if (values.json) console.log(JSON.stringify({ clients, seconds, is_ahead: isAhead, figures }));
  else {
    for (const { gateway, version, wire, per_second, p50_ms, p99_ms, errors } of figures) {
      const rate = `${Math.round(per_second)}/s`.padStart(8);
      const times = `p50 ${p50_ms.toFixed(2)} ms, p99 ${p99_ms.toFixed(1)} ms, errors ${errors}`;
      console.log(`${`${gateway} ${version}`.padEnd(22)} ${wire.padEnd(22)} ${rate}  ${times}`);
    }
    console.log(isAhead ? "ahead of both" : "not ahead of both");
  }
  Deno.exitCode = isAhead ? 0 : 1;
}

async function versionOf({ folder }: Peers, name: string): Promise<string> {
  const path = `${folder}/node_modules/${name}/package.json`;
  return JSON.parse(await Deno.readTextFile(path)).version;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function listens(port: number): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    try {
      using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`Nobody listens on ${port}`);
}
