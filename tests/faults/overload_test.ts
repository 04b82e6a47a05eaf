import assert from "node:assert/strict";
import { checkInvariant, pause, startFaultLoad, untilAllowed } from "../support/fault_load.ts";
import { LONG, scaled } from "../support/fault_scale.ts";
import { faultTest, startFaultService } from "../support/fault_service.ts";
import type { TestService } from "../support/service.ts";
import { percentile } from "../support/under_load.ts";
import { createTemplate, type LoadResult, runLoad, SERIAL } from "../../src/bench/mod.ts";

let service: TestService;
Deno.test.beforeAll(async () => {
  service = await startFaultService();
});
Deno.test.afterAll(() => service.stop());

const CONNECTIONS = 700;

/** Sends `rate` requests a second over more connections than calls may wait. */
async function flood(ms: number, rate: number, marker: string): Promise<LoadResult> {
  const { hostname, host } = new URL(service.url);
  const token = await service.token();
  const body = JSON.stringify({
    hook_event_name: "PreToolUse",
    session_id: marker,
    tool_name: "Read",
    tool_use_id: SERIAL,
    tool_input: { file_path: "/tmp/notes" },
  });
  const template = createTemplate({ host, path: "/api/public/hooks/govern", token, body });
  return await runLoad({
    hostname,
    port: service.port,
    connections: CONNECTIONS,
    templates: () => [template],
    amount: { ms },
    rate,
    timeoutMs: 15_000,
  });
}

async function megabytesOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

const obstacle = Deno.build.os === "linux" ? undefined : "needs /proc";

faultTest(
  "R17: far more calls than it can decide: the rest is shed, memory stays, it recovers",
  async () => {
    const marker = crypto.randomUUID();
    const flooding = flood(scaled(4000, 60_000), scaled(20_000, 60_000), marker);
    let most = 0;
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        most = Math.max(most, await megabytesOf(service.pid));
        await pause(200);
      }
    })();
    const result = await flooding;
    isOver = true;
    await watching;

    const { allow, unavailable, deny, limited, error } = result.outcomes;
    assert.equal(deny + limited + error, 0, JSON.stringify(result.errors));
    assert.ok(allow > 0);
    assert.ok(unavailable > 0, "nothing was shed");
    assert.ok(most < 512, `${Math.round(most)} MB`);
    await untilAllowed(service, 5000);
    const load = await startFaultLoad(service);
    await pause(1000);
    const after = await load.stop();
    await checkInvariant(service, load, after);
    assert.equal(after.allowed.size, after.sent);
    if (LONG) {
      const line = {
        allow,
        unavailable,
        most,
        p99: percentile(after, 0.99),
        latency: result.latencyUs,
      };
      Deno.stdout.writeSync(new TextEncoder().encode(`    ${JSON.stringify(line)}\n`));
    }
  },
  obstacle,
);
