import assert from "node:assert/strict";
import { join } from "node:path";
import { openPool } from "../../src/db/mod.ts";
import { pause, toolCall } from "../support/fault_load.ts";
import { scaled } from "../support/fault_scale.ts";
import { faultTest, startFaultService } from "../support/fault_service.ts";
import { compileShim, findNoCompiler } from "../support/host.ts";
import type { TestService } from "../support/service.ts";
import { underLoad } from "../support/under_load.ts";

const obstacle = await findNoCompiler();
const CALLS = 40;

let folder: string;
let service: TestService;

Deno.test.beforeAll(async () => {
  if (obstacle) return;
  folder = await Deno.makeTempDir({ prefix: "spgov-clock-" });
  const LD_PRELOAD = await compileShim("clock", folder);
  const SPGOV_CLOCK = join(folder, "offset");
  service = await startFaultService({ variables: { LD_PRELOAD, SPGOV_CLOCK } });
});

Deno.test.afterAll(async () => {
  if (obstacle) return;
  await service.stop();
  await Deno.remove(folder, { recursive: true });
});

async function stepClock(ms: number): Promise<void> {
  await Deno.writeTextFile(join(folder, "offset"), `${ms}`);
}

faultTest(
  "R15: steps of the clock: nothing is refused, times of a chain never decrease",
  async () => {
    const steps = [1000, 0, -1000, 0, 50_000, -50_000, 0];
    const report = await underLoad(service, async (load) => {
      for (const ms of steps) {
        await stepClock(ms);
        await load.moreAllowed(scaled(30, 1000));
      }
    });
    assert.equal(report.refused.size, 0);
    assert.equal(report.unknown.size, 0);
    assert.deepEqual(await findDisorder(), []);
  },
  obstacle,
);

faultTest(
  "R15: an hour forward ends a token, and back again it counts: the rows say so",
  async () => {
    const token = await service.token({ ttlMs: 30 * 60_000 });
    const call = () => service.govern(token, toolCall(crypto.randomUUID(), "clock", {}));
    assert.equal((await call()).headers.get("policy"), "default_allow");
    await stepClock(3_600_000);
    assert.equal((await call()).headers.get("policy"), "auth_failure");
    await stepClock(0);
    assert.equal((await call()).headers.get("policy"), "default_allow");
    await stepClock(-30_000);
    assert.equal((await call()).headers.get("policy"), "default_allow", "a leeway of a minute");
    await stepClock(0);
    assert.deepEqual(await findDisorder(), []);
  },
  obstacle,
);

faultTest("R15: a window is not shorter nor longer for a clock that jumps", async () => {
  const narrow = await startNarrow();
  try {
    const token = await narrow.token({ role: "user" });
    const allowed = async (calls: number): Promise<number> => {
      let count = 0;
      for (let i = 0; i < calls; i++) {
        const body = toolCall(crypto.randomUUID(), "clock", {});
        const { headers } = await narrow.govern(token, body);
        if (headers.get("policy") === "default_allow") count++;
      }
      return count;
    };
    assert.equal(await allowed(CALLS / 2), CALLS / 2);
    for (const ms of [45_000, -45_000, 3000, 0]) {
      await stepClock(ms);
      await pause(50);
      assert.equal(await allowed(5), 5);
    }
    assert.equal(await allowed(10), 0);
  } finally {
    await stepClock(0);
    await narrow.stop();
  }
}, obstacle);

function startNarrow(): Promise<TestService> {
  return startFaultService({
    callsPerWindow: CALLS,
    variables: {
      LD_PRELOAD: join(folder, "clock.so"),
      SPGOV_CLOCK: join(folder, "offset"),
    },
  });
}

/** Rows whose time is before that of the row before them in the same chain. */
async function findDisorder(): Promise<readonly unknown[]> {
  const sql = openPool(service.database, { max: 1, applicationName: "fault test" });
  try {
    const rows = await sql`
      with ordered as (
        select b.writer, b.batch, i.place, a.created_at,
               lag(a.created_at) over (partition by b.writer order by b.batch, i.place) as before
          from audit_batches b
          cross join lateral unnest(b.row_ids) with ordinality as i(id, place)
          join audit a on a.id = i.id
         where b.writer like '%/gateway-%'
      )
      select writer, batch, place, created_at, before from ordered where created_at < before limit 5`;
    return [...rows];
  } finally {
    await sql.end({ timeout: 1 });
  }
}
