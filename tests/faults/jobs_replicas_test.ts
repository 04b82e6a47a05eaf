import assert from "node:assert/strict";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { pause } from "../../src/kernel/pause.ts";
import { withDatabase } from "../support/mod.ts";
import { spgov, withHome } from "../cli/spgov.ts";

interface Replica {
  readonly home: string;
  readonly pid: number;
}

const CONFIG = 'jobs:\n  limit-windows: { schedule: "* * * * * *", attempts: 2 }\n';

async function eventually<T>(find: () => Promise<T | undefined>, what: string): Promise<T> {
  for (const end = Date.now() + 30_000; Date.now() < end; await pause(50)) {
    const found = await find();
    if (found !== undefined) return found;
  }
  assert.fail(`${what}: not so after 30 s`);
}

async function start(home: string, url: string): Promise<Replica> {
  const env = { DATABASE_URL: url, DENO_NO_UPDATE_CHECK: "1" };
  const started = await spgov(["start", "--detach", "--port", "0", "--home", home, "--json"], {
    env,
  });
  assert.equal(started.code, 0, started.stderr);
  await Deno.mkdir(`${home}/services/scheduler`, { recursive: true });
  await Deno.writeTextFile(`${home}/services/scheduler/config.yaml`, CONFIG);
  return { home, pid: JSON.parse(started.stdout).data.pid };
}

/** Two appliances with the same keys in front of one database. */
async function withReplicas(
  work: (sql: Pool, replicas: readonly Replica[]) => Promise<void>,
): Promise<void> {
  await withHome((first) =>
    withHome((second) =>
      withDatabase(async ({ url, owner }) => {
        const sql = openPool(owner, { max: 3, applicationName: "test" });
        try {
          const one = await start(first, url);
          await Deno.mkdir(`${second}/keys`, { recursive: true, mode: 0o700 });
          await Deno.copyFile(`${first}/keys/master.key`, `${second}/keys/master.key`);
          await work(sql, [one, await start(second, url)]);
        } finally {
          for (const home of [first, second]) {
            await spgov(["stop", "--home", home], { env: { DATABASE_URL: url } });
          }
          await sql.end({ timeout: 1 });
        }
      })
    )
  );
}

async function instanceOf({ home }: Replica): Promise<string> {
  return (await Deno.readTextFile(`${home}/instance`)).slice(0, 8);
}

Deno.test("two replicas run each due time once; what a killed one ran is marked and tried again by the other", async () => {
  await withReplicas(async (sql, replicas) => {
    const names = await Promise.all(replicas.map(instanceOf));
    await eventually(async () => {
      const nodes = await sql<{ of: string }[]>`
        select distinct split_part(node, '/', 1) as of from job_runs where status = 'ok'`;
      return names.every((name) => nodes.some(({ of }) => of === name)) || undefined;
    }, "both take part");
    const twice = await sql`
      select from job_runs where scheduled_for is not null group by job, scheduled_for having count(*) > 1`;
    assert.equal(twice.length, 0);

    const lock = await sql.reserve();
    await lock`begin`;
    await lock`lock table limit_windows in access exclusive mode`;
    const held = await eventually(
      async () =>
        (await sql<{ id: string; node: string }[]>`
        select id, node from job_runs where job = 'limit-windows' and status = 'running'`)[0],
      "one waits",
    );
    const killed = replicas[names.indexOf(held.node.slice(0, 8))] ?? assert.fail("No such replica");
    Deno.kill(killed.pid, "SIGKILL");
    await lock`rollback`;
    lock.release();
    // What half a minute of silence would do.
    await eventually(async () => {
      await sql`update job_runs set heartbeat_at = now() - interval '1 minute'
                 where id = ${held.id} and status = 'running'`;
      const [row] = await sql`select status from job_runs where id = ${held.id}`;
      return row?.status === "lost" || undefined;
    }, "the run is marked");
    const again = await eventually(async () =>
      (await sql<{ node: string }[]>`
        select second.node from job_runs first
          join job_runs second on second.job = first.job and second.scheduled_for = first.scheduled_for and second.attempt = 2
         where first.id = ${held.id} and second.status = 'ok'`)[0], "the other tries again");
    assert.notEqual(again.node.slice(0, 8), held.node.slice(0, 8));
  });
});
