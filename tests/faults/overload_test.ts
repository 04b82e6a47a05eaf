import assert from "node:assert/strict";
import {
  checkInvariant,
  type LoadReport,
  pause,
  startFaultLoad,
  summaryOf,
  untilAllowed,
} from "../support/fault_load.ts";
import { LONG, sayFigures, scaled } from "../support/fault_scale.ts";
import { faultTest, startFaultService } from "../support/fault_service.ts";
import type { TestService } from "../support/service.ts";
import { percentile } from "../support/under_load.ts";
import { createTemplate, type LoadResult, runLoad, SERIAL } from "../../src/bench/mod.ts";

let service: TestService;
Deno.test.beforeAll(async () => {
  service = await startFaultService();
});
Deno.test.afterAll(() => service.stop());

/** More connections than calls may wait and be under way together. */
const FLOOD_CONNECTIONS = 1200;
const CONNECTIONS = 100;

/** Sends as fast as answers come, or `rate` requests a second whatever comes. */
async function send(ms: number, rate?: number): Promise<LoadResult> {
  const { hostname, host } = new URL(service.url);
  const token = await service.token();
  const body = JSON.stringify({
    hook_event_name: "PreToolUse",
    session_id: "overload",
    tool_name: "Read",
    tool_use_id: SERIAL,
    tool_input: { file_path: "/tmp/notes" },
  });
  const template = createTemplate({ host, path: "/api/public/hooks/govern", token, body });
  return await runLoad({
    hostname,
    port: service.port,
    connections: rate === undefined ? CONNECTIONS : FLOOD_CONNECTIONS,
    templates: () => [template],
    amount: { ms },
    ...rate !== undefined && { rate },
    timeoutMs: 15_000,
  });
}

async function megabytesOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

const obstacle = Deno.build.os === "linux" ? undefined : "needs /proc";

/**
 * Five times the calls a second that were decided before. What was slow for another reason then may decide
 * them all now: that was no overload, and tells how much more it takes.
 */
async function overload(ms: number, perSecond: number): Promise<LoadResult> {
  let decided = perSecond;
  for (let round = 1;; round++) {
    const flood = await send(ms, 5 * decided);
    if (flood.outcomes.unavailable > 0 || round === 3) return flood;
    decided = flood.perSecond;
  }
}

/** A second of ordinary load of which every call is allowed: the first one, within so many seconds. */
async function untilNormal(): Promise<LoadReport> {
  for (let seconds = scaled(20, 5);; seconds--) {
    const load = await startFaultLoad(service);
    await pause(1000);
    const report = await load.stop();
    await checkInvariant(service, load, report);
    if (report.allowed.size === report.sent) return report;
    assert.ok(seconds > 1, `not back to normal: ${summaryOf(report)}`);
  }
}

/** Runs `work` and says how much memory the service took at most meanwhile. */
async function mostMemory<T>(work: Promise<T>): Promise<readonly [T, number]> {
  let most = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      most = Math.max(most, await megabytesOf(service.pid));
      await pause(200);
    }
  })();
  try {
    return [await work, most];
  } finally {
    isOver = true;
    await watching;
  }
}

faultTest(
  "R17: five times the calls it can decide: the rest is shed, memory stays, it recovers",
  async () => {
    const capacity = await send(scaled(2000, 10_000));
    const [flood, most] = await mostMemory(overload(scaled(4000, 60_000), capacity.perSecond));
    const { allow, unavailable, deny, limited, error } = flood.outcomes;
    assert.equal(deny + limited + error, 0, JSON.stringify(flood.errors));
    assert.ok(unavailable > 0, "nothing was shed");
    assert.ok(allow / flood.seconds > capacity.perSecond / 5, `only ${allow} were decided`);
    assert.ok(most < 512, `${Math.round(most)} MB`);

    await untilAllowed(service, 5000);
    const after = await untilNormal();
    if (!LONG) return;
    const again = await send(10_000);
    assert.ok(again.perSecond > capacity.perSecond / 2, "it stays slower than it was");
    sayFigures({
      capacity: capacity.perSecond,
      offered: 5 * capacity.perSecond,
      answered: flood.perSecond,
      allowed: allow / flood.seconds,
      megabytes: most,
      p99Ms: percentile(after, 0.99),
      again: again.perSecond,
    });
  },
  obstacle,
);
