import assert from "node:assert/strict";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { pause } from "../../src/kernel/pause.ts";
import { withDatabase } from "../support/mod.ts";
import { spgov, withHome } from "./spgov.ts";

interface Answer {
  readonly code: number;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
  readonly stderr: string;
}

interface Place {
  readonly sql: Pool;
  readonly home: string;
  start(): Promise<Answer>;
  jobs(...args: string[]): Promise<Answer>;
}

async function withPlace(work: (place: Place) => Promise<void>): Promise<void> {
  await withHome(async (home) => {
    await withDatabase(async ({ url, owner }) => {
      const sql = openPool(owner, { max: 2, applicationName: "test" });
      const run = async (...args: string[]): Promise<Answer> => {
        const env = { DATABASE_URL: url, DENO_NO_UPDATE_CHECK: "1" };
        const { code, stdout, stderr } = await spgov([...args, "--home", home, "--json"], { env });
        const { data, error } = JSON.parse(stdout || "{}");
        return { code, data: data ?? error, stderr };
      };
      try {
        await work({
          sql,
          home,
          start: () => run("start", "--detach", "--port", "0"),
          jobs: (...args) => run("infra", "jobs", ...args),
        });
      } finally {
        await run("stop");
        await sql.end({ timeout: 1 });
      }
    });
  });
}

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; Date.now() < end; await pause(50)) {
    if (await isSo()) return;
  }
  assert.fail("Not so after 15 s");
}

Deno.test("without a service jobs are listed as shipped, and nothing is queued", async () => {
  await withPlace(async ({ sql, jobs }) => {
    const { code, data } = await jobs("list");
    assert.equal(code, 0);
    assert.deepEqual(data.schedulers, []);
    assert.ok(data.jobs.some(({ name }: { name: string }) => name === "audit-partitions"));
    assert.equal((await jobs("run", "audit-partitions")).code, 6);
    assert.equal((await jobs("disable", "grants")).code, 6);
    const [row] =
      await sql`select (select count(*) from job_runs) + (select count(*) from jobs) as count`;
    assert.equal(row?.count, 0);
  });
});

Deno.test("jobs are run, followed, switched and cancelled, with the exit status of what came of it", async () => {
  await withPlace(async ({ sql, jobs, start }) => {
    assert.equal((await start()).code, 0);

    const ran = await jobs("run", "audit-partitions", "limit-windows");
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual([ran.data.total, ran.data.succeeded, ran.data.failed], [2, 2, 0]);
    assert.equal(ran.data.jobs_run[0].result.success, true);
    assert.equal((await jobs("run", "--tag", "nothing")).code, 3);
    assert.equal((await jobs("run", "audit-partition")).code, 3);
    assert.equal((await jobs("run")).code, 2);
    assert.equal((await jobs("run", "grants", "--param", "oops")).code, 2);
    assert.equal((await jobs("run", "grants", "--param", "days=1")).code, 5);

    await sql`alter table oauth_codes rename to oauth_codes_away`;
    const failed = await jobs("run", "grants");
    await sql`alter table oauth_codes_away rename to oauth_codes`;
    assert.equal(failed.code, 1);
    assert.match(failed.data.jobs_run[0].result.message, /oauth_codes/);
    const history = await jobs("history", "--job", "grants", "--status", "failed");
    assert.equal(history.data.total, 1);
    assert.equal((await jobs("history", "--job", "nope")).code, 3);

    const off = await jobs("disable", "grants");
    assert.deepEqual([off.code, off.data.enabled], [0, false]);
    await eventually(async () => (await jobs("show", "grants")).data.next_run === null);
    const shown = await jobs("show", "grants");
    assert.deepEqual([shown.data.enabled, shown.data.enabled_by], [false, "operator"]);
    assert.match(shown.data.last_error, /oauth_codes/);
    assert.equal((await jobs("enable", "grants")).code, 0);

    await cancelsOne(sql, jobs);
    const rows = await sql<{ target: string; userId: string }[]>`
      select target, user_id from audit where target like 'jobs:%' order by id`;
    assert.deepEqual(rows.map(({ target }) => target), [
      ...Array(3).fill("jobs:run_requested"),
      "jobs:disabled",
      "jobs:enabled",
      "jobs:run_requested",
      "jobs:run_cancelled",
    ]);
    assert.ok(rows.every(({ userId }) => userId === "operator"));
  });
});

/** A run that waits for a lock is cancelled: whoever follows it learns of it, and its connection is cut. */
async function cancelsOne(sql: Pool, jobs: Place["jobs"]): Promise<void> {
  const lock = await sql.reserve();
  try {
    await lock`begin`;
    await lock`lock table oauth_codes in access exclusive mode`;
    const following = jobs("run", "grants");
    await eventually(async () =>
      (await sql`select from job_runs where job = 'grants' and status = 'running'`).length === 1
    );
    const cancelled = await jobs("cancel", "grants");
    assert.deepEqual([cancelled.code, cancelled.data.status, cancelled.data.cancelled_by], [
      0,
      "cancelled",
      "operator",
    ]);
    const followed = await following;
    assert.deepEqual([followed.code, followed.data.jobs_run[0].status], [1, "cancelled"]);
    assert.equal((await jobs("cancel", cancelled.data.run_id)).code, 1, "it is over");
  } finally {
    await lock`rollback`;
    lock.release();
  }
}
