import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import { schedulerSchema } from "../../src/jobs/config/mod.ts";
import type { Run, RunStatus } from "../../src/jobs/mod.ts";
import { AppError } from "../../src/kernel/errors.ts";
import { pause } from "../../src/kernel/pause.ts";
import { eventually, jobOf, withJobs } from "./jobs_world.ts";

const statuses = (runs: readonly Run[]): RunStatus[] => runs.map(({ status }) => status);
const done = () => Promise.resolve({ message: "Done" });

/** Makes the job's next time one that passed `ago` before now. */
const makeDue = (ago: string) => `update jobs set next_at = clock_timestamp() - interval '${ago}'`;

Deno.test("a due time gets one run, however many replicas there are", async () => {
  await withJobs(async ({ sql, start, until }) => {
    await sql`create table seen (at timestamptz)`;
    const job = jobOf("each-second", async (context) => {
      await context.sql`insert into seen values (clock_timestamp())`;
      return { message: "Done", processed: 1 };
    }, { schedule: "* * * * * *" });
    for (let replica = 0; replica < 4; replica++) start([job]);
    const runs = await until(
      "each-second",
      (found) => statuses(found).filter((s) => s === "ok").length >= 4,
    );
    const times = runs.map(({ scheduledFor }) => String(scheduledFor));
    assert.equal(new Set(times).size, times.length);
    const ended = await until(
      "each-second",
      (found) => found.some(({ id }) => id > (runs.at(-1)?.id ?? "")),
    );
    const [row] = await sql`select count(*) from seen`;
    assert.ok(Math.abs(row?.count - ended.length) <= 1, `${row?.count} of ${ended.length}`);
  });
});

Deno.test("runs of one job never overlap, whoever takes them up", async () => {
  await withJobs(async ({ sql, start, until, request }) => {
    let [under, most] = [0, 0];
    const job = jobOf("alone", async () => {
      most = Math.max(most, ++under);
      await pause(20);
      under--;
      return { message: "Done" };
    });
    for (let replica = 0; replica < 3; replica++) start([job]);
    await Promise.all(Array.from({ length: 12 }, () => request("alone")));
    await until("alone", (found) => statuses(found).every((status) => status === "ok"));
    assert.equal(most, 1);
    const nodes = await sql`select distinct node from job_runs`;
    assert.ok(nodes.length > 1, "one replica did it all");
  });
});

Deno.test("a run that fails is tried again after a while, as often as its attempts", async () => {
  await withJobs(async ({ sql, start, until }) => {
    const job = jobOf("fails", () => Promise.reject(new AppError("invalid", "No such luck")), {
      attempts: 2,
    });
    start([job]);
    await until("fails", () => true);
    await eventually(async () => (await sql.unsafe(makeDue("1 second"))).count > 0);
    const [first, second] = await until("fails", (found) => found.length === 2);
    assert.deepEqual([first?.status, first?.message, first?.attempt], [
      "failed",
      "No such luck",
      1,
    ]);
    assert.deepEqual([second?.status, second?.trigger, second?.attempt], ["queued", "retry", 2]);
    assert.deepEqual(second?.scheduledFor, first?.scheduledFor);
    const waitMs = Number(second?.notBefore) - Number(first?.finishedAt);
    assert.ok(waitMs > 20_000 && waitMs < 40_000, `${waitMs}`);
    await sql`update job_runs set not_before = clock_timestamp() where status = 'queued'`;
    const all = await until("fails", (found) => found.every(({ finishedAt }) => finishedAt));
    assert.deepEqual(statuses(all), ["failed", "failed"]);
  });
});

Deno.test("a run ends when its time is up, also when it only waits for the database", async () => {
  await withJobs(async ({ sql, start, over, request }) => {
    const heeds = jobOf("heeds", async ({ signal }) => {
      while (!signal.aborted) await pause(5, signal);
      return { message: "Stopped half-way" };
    }, { timeoutMs: 200 });
    const sleeps = jobOf("sleeps", async (context) => {
      await context.sql`select pg_sleep(60)`;
      return { message: "Slept" };
    }, { timeoutMs: 200 });
    start([heeds, sleeps]);
    await Promise.all([request("heeds"), request("sleeps")]);
    assert.deepEqual([(await over("heeds")).status, (await over("heeds")).message], [
      "timeout",
      "Stopped half-way",
    ]);
    const cut = await over("sleeps");
    assert.equal(cut.status, "timeout");
    assert.doesNotMatch(cut.message ?? "", /heed/);
    const [left] =
      await sql`select count(*) from pg_stat_activity where query ~ 'pg_sleep' and pid <> pg_backend_pid()`;
    assert.equal(left?.count, 0);
  });
});

Deno.test("a run that heeds nothing is over in the books, and its job begins no second time beside it", async () => {
  await withJobs(async ({ start, over, until, request }) => {
    const held = Promise.withResolvers<void>();
    let begun = 0;
    const job = jobOf("deaf", async () => {
      begun++;
      await held.promise;
      return { message: "At last" };
    }, { timeoutMs: 100 });
    start([job, jobOf("other", done)]);
    await request("deaf");
    assert.equal((await over("deaf")).status, "timeout");
    await request("deaf");
    await request("other");
    await over("other");
    assert.equal(begun, 1);
    held.resolve();
    await until(
      "deaf",
      (found) => found.length === 2 && found.every(({ finishedAt }) => finishedAt),
    );
    assert.equal(begun, 2);
  });
});

Deno.test("a cancelled run is told at once; one that waits never begins", async () => {
  await withJobs(async ({ sql, start, until, request }) => {
    const job = jobOf("long", async ({ signal }) => {
      await pause(60_000, signal);
      return { message: "Ended" };
    });
    const [first, second] = [await request("long"), await request("long")];
    start([job], { timing: { heartbeatMs: 20_000, lostAfterMs: 60_000, lookMs: 20_000 } });
    await until("long", (found) => found.some(({ status }) => status === "running"));
    await sql`update job_runs set cancelled_by = 'ada'`;
    const runs = await until("long", (found) => found.every(({ finishedAt }) => finishedAt));
    assert.deepEqual(statuses(runs), ["cancelled", "cancelled"]);
    const waiting = runs.find(({ startedAt }) => startedAt === null);
    assert.equal(waiting?.message, "Cancelled before it began");
    assert.ok([first, second].includes(waiting?.id ?? ""));
  });
});

Deno.test("a time that passed while no service ran is caught up with once, or skipped", async () => {
  await withJobs(async ({ sql, start, over }) => {
    const jobs = [
      jobOf("once", done, { catchUp: "once", schedule: "* * * * *" }),
      jobOf("skip", done, { catchUp: "skip", schedule: "* * * * *" }),
    ];
    const first = start(jobs);
    await eventually(async () =>
      (await sql`select from jobs where next_at is not null`).length === 2
    );
    await first.stop();
    await sql.unsafe(makeDue("2 hours"));
    start(jobs);
    const caught = await over("once");
    assert.deepEqual([caught.status, caught.trigger], ["ok", "catch_up"]);
    const skipped = await over("skip");
    assert.deepEqual([skipped.status, skipped.message], ["skipped", "No service ran at that time"]);
    const [next] = await sql`select min(next_at) > clock_timestamp() as later from jobs`;
    assert.equal(next?.later, true);
  });
});

Deno.test("a time that comes while the run before is under way gets none", async () => {
  await withJobs(async ({ sql, start, until, request }) => {
    const held = Promise.withResolvers<void>();
    start([jobOf("slow", async () => (await held.promise, { message: "Done" }))]);
    await request("slow");
    await until("slow", (found) => found[0]?.status === "running");
    await sql.unsafe(makeDue("1 second"));
    const runs = await until("slow", (found) => found.length === 2);
    const skipped = runs.find(({ scheduledFor }) => scheduledFor);
    assert.deepEqual([skipped?.status, skipped?.message], [
      "skipped",
      "The run before had not ended",
    ]);
    held.resolve();
  });
});

Deno.test("a run whose replica is gone is marked, and its time is tried again at once", async () => {
  await withJobs(async ({ sql, start, until }) => {
    await sql`insert into job_runs (id, job, trigger, requested_by, scheduled_for, status, node, started_at, heartbeat_at)
              values (${crypto.randomUUID()}, 'taken', 'schedule', 'scheduler', now(), 'running', 'dead', now(), now() - interval '1 minute')`;
    start([jobOf("taken", done, { attempts: 2 })]);
    start([jobOf("taken", done, { attempts: 2 })]);
    const runs = await until(
      "taken",
      (found) => found.length > 1 && found.every(({ finishedAt }) => finishedAt),
    );
    assert.deepEqual(runs.map(({ status, attempt }) => [status, attempt]).toSorted(), [
      ["lost", 1],
      ["ok", 2],
    ]);
    assert.match(runs.find(({ status }) => status === "lost")?.message ?? "", /"dead"/);
  });
});

Deno.test("who was taken for lost is told to end, and does not write what came of it", async () => {
  await withJobs(async ({ sql, start, until, request }) => {
    const ended = Promise.withResolvers<unknown>();
    start([jobOf("zombie", async ({ signal }) => {
      await pause(60_000, signal);
      ended.resolve(signal.reason);
      return { message: "I was here" };
    })]);
    await request("zombie");
    await until("zombie", (found) => found[0]?.status === "running");
    await sql`update job_runs set status = 'lost', finished_at = now(), message = 'by another'`;
    assert.equal(await ended.promise, "gone");
    await request("zombie");
    const runs = await until("zombie", (found) => found.some(({ status }) => status === "running"));
    assert.deepEqual(runs.filter(({ status }) => status === "lost").map(({ message }) => message), [
      "by another",
    ]);
  });
});

Deno.test("a stopped service leaves its run to another", async () => {
  await withJobs(async ({ sql, start, until }) => {
    const job = jobOf("moves", async ({ signal }) => {
      const [row] = await sql`select count(*) from job_runs where status = 'lost'`;
      if (row?.count === 0) await pause(60_000, signal);
      return { message: "Done" };
    }, { attempts: 2 });
    const first = start([job]);
    await eventually(async () => (await sql.unsafe(makeDue("1 second"))).count > 0);
    await until("moves", (found) => found[0]?.status === "running");
    start([job]);
    await first.stop();
    const runs = await until(
      "moves",
      (found) => found.length === 2 && found.every(({ finishedAt }) => finishedAt),
    );
    assert.deepEqual(statuses(runs), ["lost", "ok"]);
    assert.match(runs[0]?.message ?? "", /The service was stopped/);
    assert.notEqual(runs[0]?.node, runs[1]?.node);
  });
});

Deno.test("a job that is switched off gets no run, and is not late when it is switched on", async () => {
  await withJobs(async ({ sql, start, runs }) => {
    const job = jobOf("switched", done, { schedule: "* * * * *", catchUp: "once" });
    const scheduler = start([job]);
    const nextIs = (isSet: boolean) =>
      eventually(async () =>
        (await sql`select from jobs where (next_at is not null) = ${isSet}`).length === 1
      );
    await nextIs(true);
    await sql`update jobs set enabled = false`;
    await nextIs(false);
    await sql`update jobs set enabled = true`;
    await nextIs(true);
    assert.equal((await runs("switched")).length, 0);
    await scheduler.stop();
  });
});

Deno.test("a run says what it does, and what it was asked to do", async () => {
  await withJobs(async ({ start, over, until, request }) => {
    const held = Promise.withResolvers<void>();
    const told: unknown[] = [];
    start([jobOf("tells", async ({ progress, parameters }) => {
      told.push(parameters);
      progress(3, 10, "thirds");
      await held.promise;
      return { message: "All", processed: 9, failed: 1 };
    })]);
    await request("tells", { n: "7" });
    const [run] = await until("tells", (found) => found[0]?.progressDone !== null);
    assert.deepEqual([run?.progressDone, run?.progressTotal, run?.progressNote], [3, 10, "thirds"]);
    held.resolve();
    const ended = await over("tells");
    assert.deepEqual([ended.status, ended.processed, ended.failed], ["failed", 9, 1]);
    assert.deepEqual(told, [{ n: "7" }]);
  });
});

Deno.test("what a job remembers is there for its next run", async () => {
  await withJobs(async ({ start, until, request }) => {
    const marks: unknown[] = [];
    start([jobOf("remembers", ({ mark }) => {
      marks.push(mark.n);
      return Promise.resolve({ message: "Done", mark: { n: Number(mark.n ?? 0) + 1 } });
    })]);
    for (let n = 1; n <= 3; n++) {
      await request("remembers");
      await until("remembers", (found) => statuses(found).filter((s) => s === "ok").length === n);
    }
    assert.deepEqual(marks, [undefined, 1, 2]);
  });
});

Deno.test("parameters that the job does not have fail the run; it never begins", async () => {
  await withJobs(async ({ start, over, request }) => {
    start([jobOf("strict", () => assert.fail("It began"))]);
    await request("strict", { n: "many" });
    const run = await over("strict");
    assert.equal(run.status, "failed");
    assert.match(run.message ?? "", /Parameter n/);
  });
});

Deno.test("a scheduler that is configured not to run takes up nothing and is not there", async () => {
  await withJobs(async ({ sql, start, until, request }) => {
    start([jobOf("idle", done)], { config: schedulerSchema.parse({ enabled: false }) });
    await request("idle");
    await pause(300);
    assert.equal((await sql`select from job_nodes`).length, 0);
    const second = start([jobOf("idle", done)]);
    await until("idle", (found) => found[0]?.status === "ok");
    await second.stop();
  });
});

Deno.test("what the API changes by may ask, cancel and switch; it cannot say that something ran", async () => {
  await withJobs(async ({ database, sql, start, until }) => {
    const scheduler = start([jobOf("asked", done)]);
    await until("asked", () => true);
    const gateway = openPool(database.serve, { max: 1, applicationName: "test" });
    const serve = openPool(database.vault, { max: 1, applicationName: "test" });
    try {
      const id = crypto.randomUUID();
      const ask =
        "insert into job_runs (id, job, requested_by) values (gen_random_uuid(), 'asked', 'x')";
      for (const statement of [ask, "update jobs set enabled = false"]) {
        await assert.rejects(gateway.unsafe(statement), /permission denied/, statement);
      }
      await serve`insert into job_runs (id, job, requested_by) values (${id}, 'asked', 'ada')`;
      await until("asked", (found) => found[0]?.status === "ok");
      await serve`update job_runs set cancelled_by = 'ada' where id = ${id}`;
      await eventually(async () => (await sql`select from jobs`).length > 0);
      await serve`update jobs set enabled = false`;
      for (
        const statement of [
          "insert into job_runs (id, job, requested_by, status) values (gen_random_uuid(), 'asked', 'x', 'ok')",
          "update job_runs set status = 'lost'",
          "update job_runs set job = 'backup'",
          "delete from job_runs",
          "update jobs set next_at = null",
          "delete from jobs",
          "insert into job_nodes values ('ghost', now())",
        ]
      ) {
        await assert.rejects(serve.unsafe(statement), /permission denied/, statement);
      }
    } finally {
      await Promise.all([serve.end({ timeout: 1 }), gateway.end({ timeout: 1 })]);
      await scheduler.stop();
    }
  });
});
