import assert from "node:assert/strict";
import { checkInvariant, pause, startFaultLoad } from "../support/fault_load.ts";
import { scaled } from "../support/fault_scale.ts";
import { editProfile, faultTest, startFaultService } from "../support/fault_service.ts";
import type { TestService } from "../support/service.ts";
import { percentile } from "../support/under_load.ts";

let service: TestService;
Deno.test.beforeAll(async () => {
  service = await startFaultService({
    prepare: (home) =>
      editProfile(home, (text) => `${text}server: { listener: guarded, max_connections: 20000 }\n`),
  });
});
Deno.test.afterAll(() => service.stop());

/** A connection that is held open; `endedMs` is set when the service closes it. */
interface Held {
  readonly socket: Deno.Conn;
  endedMs: number | undefined;
}

async function hold(say: string): Promise<Held> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port: service.port });
  const start = performance.now();
  const held: Held = { socket, endedMs: undefined };
  if (say !== "") await socket.write(new TextEncoder().encode(say));
  void untilEnd(socket).then(() => held.endedMs = performance.now() - start);
  return held;
}

async function untilEnd(socket: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1024);
  try {
    while (await socket.read(buffer) !== null);
  } catch {
    // Reset is an end too.
  }
}

/** Sends another byte of a header line, so that the connection is never idle. */
async function drip(all: readonly Held[]): Promise<void> {
  for (const { socket, endedMs } of all) {
    if (endedMs === undefined) await socket.write(new Uint8Array([0x61])).catch(() => {});
  }
}

const HEADER_MS = 10_000;
const IDLE_MS = 30_000;

faultTest("R19: slow headers and idle connections are closed, others do not notice", async () => {
  const before = await measure();
  const idle = await holdMany(scaled(300, 10_000), "");
  const slow = await holdMany(
    scaled(60, 1000),
    "POST /api/public/hooks/govern HTTP/1.1\r\nhost: x",
  );
  const kept = await holdMany(scaled(20, 200), "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
  const start = performance.now();
  const load = await startFaultLoad(service);
  while (performance.now() - start < HEADER_MS + 1000) {
    await drip(slow);
    await pause(500);
  }
  const report = await load.stop();
  try {
    await checkInvariant(service, load, report);
    assert.equal(report.allowed.size, report.sent);
    assert.deepEqual(slow.filter(({ endedMs }) => endedMs === undefined).length, 0);
    assert.deepEqual(idle.filter(({ endedMs }) => endedMs === undefined).length, 0);
    assert.ok(kept.every(({ endedMs }) => endedMs === undefined), "closed between two requests");
    const ratio = percentile(report, 0.5) / before;
    assert.ok(ratio < 4, `others take ${ratio.toFixed(1)} times as long`);
    while (performance.now() - start < IDLE_MS && kept.some((held) => held.endedMs === undefined)) {
      await pause(500);
    }
    assert.ok(kept.every(({ endedMs }) => endedMs !== undefined), "idle connections stay open");
  } finally {
    for (const { socket } of [...idle, ...slow, ...kept]) close(socket);
  }
});

function close(socket: Deno.Conn): void {
  try {
    socket.close();
  } catch {
    // The service was faster.
  }
}

async function holdMany(count: number, say: string): Promise<Held[]> {
  const all: Held[] = [];
  for (let i = 0; i < count; i += 50) {
    const some = Array.from({ length: Math.min(50, count - i) }, () => hold(say));
    all.push(...await Promise.all(some));
  }
  return all;
}

/** Milliseconds that a call usually takes while nobody is slow. */
async function measure(): Promise<number> {
  const load = await startFaultLoad(service);
  await pause(1500);
  return percentile(await load.stop(), 0.5);
}
