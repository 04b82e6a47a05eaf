import assert from "node:assert/strict";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { postmasterOf } from "../support/embedded_home.ts";
import { assertLogged, pause, untilLogged } from "../support/fault_load.ts";
import { LONG, sayFigures, scaled } from "../support/fault_scale.ts";
import { faultTest, signalServer, startFaultService } from "../support/fault_service.ts";
import type { TestService } from "../support/service.ts";
import { underLoad } from "../support/under_load.ts";

let service: TestService;
Deno.test.beforeAll(async () => {
  service = await startFaultService({ database: "embedded" });
});
Deno.test.afterAll(() => service.stop());

faultTest("R1: kill -9 of the service loses no allowed call", async () => {
  await service.restart();
  const ordinaryMs = service.startMs;
  let slowestMs = 0;
  const report = await underLoad(service, async (load) => {
    for (let i = 0; i < scaled(1, 20); i++) {
      await service.restart("SIGKILL");
      slowestMs = Math.max(slowestMs, service.startMs);
      await load.moreAllowed(20);
    }
  });
  assert.ok(report.unknown.size > 0, "the load did not notice");
  if (!LONG) return;
  sayFigures({ ordinaryMs, slowestMs });
  assert.ok(
    slowestMs < 4 * ordinaryMs,
    "a start after a kill, under load, against an ordinary one",
  );
});

faultTest("R2: kill -9 of PostgreSQL: the service starts it again and goes on", async () => {
  const { pid } = service;
  for (let i = 0; i < scaled(1, 20); i++) {
    const from = service.logs().length;
    await underLoad(service, async () => {
      const postmaster = await postmasterOf(service.home);
      await signalServer(postmaster, "SIGKILL");
      await pause(100);
    });
    await untilLogged(service, /PostgreSQL ended; it is started again/, from);
    await untilLogged(service, /PostgreSQL is back/, from);
  }
  assert.equal(service.pid, pid);
});

faultTest("R2: kill -9 of the service and of PostgreSQL at once", async () => {
  await underLoad(service, async () => {
    const postmaster = await postmasterOf(service.home);
    service.kill("SIGKILL");
    await signalServer(postmaster, "SIGKILL");
    await service.restart("SIGKILL");
  });
});

for (const [mode, signal] of [["fast", "SIGINT"], ["immediate", "SIGQUIT"]] as const) {
  faultTest(`R3: PostgreSQL is shut down ${mode} under load`, async () => {
    const { pid } = service;
    for (let i = 0; i < scaled(1, 10); i++) {
      const from = service.logs().length;
      await underLoad(service, async () => {
        Deno.kill(await postmasterOf(service.home), signal);
        await pause(300);
      });
      await untilLogged(service, /PostgreSQL is back/, from);
    }
    assert.equal(service.pid, pid);
  });
}

faultTest("R4: PostgreSQL is paused: calls are refused in time, then go on", async () => {
  for (let i = 0; i < scaled(1, 5); i++) {
    const from = service.logs().length;
    const report = await underLoad(service, async () => {
      const postmaster = await postmasterOf(service.home);
      await signalServer(postmaster, "SIGSTOP");
      await pause(scaled(4000, 10_000));
      await signalServer(postmaster, "SIGCONT");
    });
    assert.ok(report.refused.size > 100, `only ${report.refused.size} calls were refused`);
    assert.equal(report.unknown.size, 0);
    assertLogged(service, /audit connection is lost/, from);
  }
});

faultTest("R10: every connection is cut again and again", async () => {
  const from = service.logs().length;
  await underLoad(service, async () => {
    const sql = openPool(service.database, { max: 1, applicationName: "fault test" });
    try {
      for (let i = 0; i < scaled(12, 300); i++) {
        await sql`
          select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid()`;
        await pause(200);
      }
    } finally {
      await sql.end({ timeout: 1 });
    }
  });
  assertLogged(service, /audit connection is lost/, from);
});

faultTest("R12: the audit table is locked: calls are refused in time, then go on", async () => {
  const from = service.logs().length;
  const report = await underLoad(service, async () => {
    const sql = openPool(service.database, { max: 1, applicationName: "fault test" });
    try {
      await sql.begin(async (tx) => {
        await tx`lock table audit in access exclusive mode`;
        await pause(scaled(4000, 10_000));
      });
    } finally {
      await sql.end({ timeout: 1 });
    }
  });
  assert.ok(report.refused.size > 100, `only ${report.refused.size} calls were refused`);
  assert.equal(report.unknown.size, 0);
  assertLogged(service, /The database takes no audit rows.*lock timeout/, from);
  assertLogged(service, /The database takes audit rows again/, from);
});

faultTest("R13: others take every connection, decisions go on", async () => {
  const report = await underLoad(service, async (load) => {
    const greedy = await takeConnections();
    try {
      await load.moreAllowed(150);
    } finally {
      await greedy.release();
    }
  });
  assert.equal(report.refused.size, 0);
  assert.equal(report.unknown.size, 0);
});

/** As many idle connections as the server gives out. */
async function takeConnections(): Promise<{ release(): Promise<void> }> {
  const pools: Pool[] = [];
  for (;;) {
    const sql = openPool(service.database, { max: 1, applicationName: "greedy" });
    pools.push(sql);
    try {
      await sql`select 1`;
    } catch {
      break;
    }
  }
  assert.ok(pools.length > 20, `only ${pools.length} connections`);
  return {
    async release() {
      await Promise.all(pools.map((sql) => sql.end({ timeout: 1 })));
    },
  };
}
