/// <reference lib="deno.worker" />
/**
 * Runs inside a worker with the permission list of an isolate and tries what that list must refuse. Each try
 * answers `done` with what it got, or the name of the error. It is code that an attacker might run: it uses
 * the runtime's own ways and those of Node.
 */
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import dgram from "node:dgram";
import dns from "node:dns/promises";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import process from "node:process";

export interface ProbeTargets {
  /** Ports of one canary on 127.0.0.1 that nothing may reach. */
  readonly canary: number;
  readonly folder: string;
  readonly secretFile: string;
  /** A Unix socket that somebody listens on. */
  readonly socket: string;
  readonly variable: string;
  /** A process that is not ours to signal. */
  readonly pid: number;
  /** False where a module that came would be kept: in the lock file and the cache of whoever runs the tests. */
  readonly remoteImport: boolean;
}

export interface Outcome {
  readonly name: string;
  /** `done`, or the name of the error. */
  readonly outcome: string;
  /** What came back, or the error's message. */
  readonly text: string;
}

type Try = () => unknown;

const PATIENCE_MS = 2000;

function tries(at: ProbeTargets): Readonly<Record<string, Try>> {
  const { canary, folder, secretFile, socket, variable, pid } = at;
  const url = `http://127.0.0.1:${canary}/`;
  const remote: Record<string, Try> = {
    "import: remote module": async () => JSON.stringify(await import(`${url}module.js`)),
  };
  return {
    ...at.remoteImport ? remote : {},
    "net: Deno.connect": () => closing(Deno.connect({ hostname: "127.0.0.1", port: canary })),
    "net: another loopback": () => closing(Deno.connect({ hostname: "127.0.0.2", port: canary })),
    "net: by name": () => closing(Deno.connect({ hostname: "localhost", port: canary })),
    "net: fetch": async () => await (await fetch(url)).text(),
    "net: fetch by proxy": async () => {
      using client = Deno.createHttpClient({ proxy: { url } });
      return await (await fetch("http://198.51.100.7/", { client })).text();
    },
    "net: WebSocket": () => openWebSocket(canary),
    "net: Deno.listen": () => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(),
    "net: Deno.listenDatagram": () =>
      Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 }).close(),
    "net: Unix socket": () => closing(Deno.connect({ transport: "unix", path: socket })),
    "net: node:net": () => openSocket({ host: "127.0.0.1", port: canary }),
    "net: node:net, Unix socket": () => openSocket({ path: socket }),
    "net: node:http": () => nodeGet(url),
    "net: node:dgram": () => sendDatagram(canary),
    "dns: Deno.resolveDns": () =>
      Deno.resolveDns("probe.test", "A", { nameServer: { ipAddr: "127.0.0.1", port: canary } }),
    "dns: node:dns": async () => (await dns.lookup("localhost")).address,
    "run: Deno.Command": async () => text((await new Deno.Command("id").output()).stdout),
    "run: node:child_process": () => {
      const { error, stdout } = spawnSync("id");
      if (error) throw error;
      return String(stdout);
    },
    "run: kill": () => Deno.kill(pid, "SIGCONT"),
    "run: process.kill": () => process.kill(pid, "SIGCONT"),
    "read: Deno.readTextFile": () => Deno.readTextFile(secretFile),
    "read: Deno.readDir": async () => (await Array.fromAsync(Deno.readDir(folder))).length,
    "read: Deno.stat": async () => (await Deno.stat(secretFile)).size,
    "read: Deno.open": async () => (await Deno.open(secretFile)).close(),
    "read: Deno.realPath": () => Deno.realPath(secretFile),
    "read: node:fs": () => fs.readFileSync(secretFile, "utf8"),
    "read: existence": () => {
      if (!fs.existsSync(secretFile)) throw new Deno.errors.NotCapable("not told");
    },
    "read: fetch of a file": async () => await (await fetch(`file://${secretFile}`)).text(),
    "read: import of a file": async () =>
      JSON.stringify(await import(`file://${folder}/module.js`)),
    "read: /proc/self/environ": () => Deno.readTextFile("/proc/self/environ"),
    "write: Deno.writeTextFile": () => Deno.writeTextFile(`${folder}/written`, "x"),
    "write: Deno.mkdir": () => Deno.mkdir(`${folder}/made`),
    "write: Deno.remove": () => Deno.remove(`${folder}/victim`),
    "write: Deno.symlink": () => Deno.symlink(secretFile, `${folder}/link`),
    "write: Deno.makeTempFile": async () => await Deno.remove(await Deno.makeTempFile()),
    "write: node:fs": () => fs.writeFileSync(`${folder}/written2`, "x"),
    "env: Deno.env.get": () => Deno.env.get(variable),
    "env: Deno.env.toObject": () => JSON.stringify(Deno.env.toObject()),
    "env: Deno.env.set": () => Deno.env.set("SPGOV_PROBE_SET", "x"),
    "env: process.env": () => process.env[variable] ?? refuse("no value"),
    "ffi: Deno.dlopen": () => Deno.dlopen("libc.so.6", {}).close(),
    "sys: Deno.hostname": () => Deno.hostname(),
    "sys: Deno.networkInterfaces": () => JSON.stringify(Deno.networkInterfaces()),
    "sys: Deno.uid": () => Deno.uid(),
    "sys: node:os": () => os.hostname(),
    "worker: more than it has": () => startWorker({ net: true, read: true, env: true, run: true }),
  };
}

function refuse(message: string): never {
  throw new Deno.errors.NotCapable(message);
}

async function closing(opening: Promise<{ close(): void }>): Promise<void> {
  (await opening).close();
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function openWebSocket(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  socket.onopen = () => resolve(socket.close());
  socket.onerror = (event) => {
    const { error } = event as ErrorEvent;
    // Who answered, but not as a WebSocket, was reached all the same.
    if (error?.name === "NotCapable") reject(error);
    else resolve();
  };
  return promise;
}

function openSocket(to: net.NetConnectOpts): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = net.connect(to, () => resolve(void socket.destroy()));
  socket.on("error", reject);
  return promise;
}

function nodeGet(url: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  http.get(url, (response) => {
    response.on("data", () => {});
    response.on("end", () => resolve(String(response.statusCode)));
  }).on("error", reject);
  return promise;
}

function sendDatagram(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = dgram.createSocket("udp4");
  socket.on("error", reject);
  socket.send(Buffer.from("x"), port, "127.0.0.1", (error) => {
    if (error) reject(error);
    else resolve(void socket.close());
  });
  return promise;
}

function startWorker(permissions: Deno.PermissionOptionsObject): void {
  const worker = new Worker("data:text/javascript,", { type: "module", deno: { permissions } });
  worker.terminate();
}

/** Some of Node's functions throw where nobody can catch it: that ends the try, not the probe. */
let uncaught: (error: Error) => void = () => {};
self.addEventListener("error", (event) => {
  event.preventDefault();
  uncaught(event.error);
});

async function attempt(name: string, work: Try): Promise<Outcome> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("no answer")), PATIENCE_MS);
  uncaught = late.reject;
  try {
    const got = await Promise.race([Promise.resolve().then(work), late.promise]);
    return { name, outcome: "done", text: String(got) };
  } catch (error) {
    const { name: kind, message, code } = error as Error & { code?: string };
    return { name, outcome: code === "EPERM" ? "EPERM" : kind, text: message };
  } finally {
    clearTimeout(timer);
  }
}

/** Tries everything, or the calls of one list. */
async function probe(message: Probe): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const all = "targets" in message ? tries(message.targets) : calls(message.urls);
  for (const [name, work] of Object.entries(all)) outcomes.push(await attempt(name, work));
  return outcomes;
}

function calls(urls: readonly string[]): Readonly<Record<string, Try>> {
  return Object.fromEntries(urls.flatMap((url): [string, Try][] => {
    const { hostname, port } = new URL(url);
    return [
      [`fetch ${url}`, async () => await (await fetch(url)).text()],
      [`connect ${url}`, () => closing(Deno.connect({ hostname, port: Number(port) }))],
      [`node:net ${url}`, () => openSocket({ host: hostname, port: Number(port) })],
      [`node:http ${url}`, () => nodeGet(url)],
    ];
  }));
}

export type Probe = { readonly targets: ProbeTargets } | { readonly urls: readonly string[] };

self.onmessage = async ({ data }: MessageEvent<Probe>) => self.postMessage(await probe(data));
