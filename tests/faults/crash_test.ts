import assert from "node:assert/strict";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { postmasterOf } from "../support/embedded_home.ts";
import {
  assertLogged,
  checkInvariant,
  type FaultLoad,
  type LoadReport,
  pause,
  startFaultLoad,
  summaryOf,
  untilAllowed,
} from "../support/fault_load.ts";
import { faultTest, signalServer, startFaultService } from "../support/fault_service.ts";
import type { TestService } from "../support/service.ts";

let service: TestService;
Deno.test.beforeAll(async () => {
  service = await startFaultService({ database: "embedded" });
});
Deno.test.afterAll(() => service.stop());

/** Runs `fault` under load, waits until calls are allowed again, and checks what must hold. */
async function underLoad(
  fault: (load: FaultLoad) => Promise<void>,
  recoverMs = 20_000,
): Promise<LoadReport> {
  const load = await startFaultLoad(service);
  let report: LoadReport;
  try {
    await load.moreAllowed(50);
    await fault(load);
    await untilAllowed(service, recoverMs);
    await load.moreAllowed(50);
  } finally {
    report = await load.stop();
  }
  console.log(summaryOf(report), service.logs().slice(-3500));
  await checkInvariant(service, load, report);
  return report;
}

faultTest("R1: kill -9 of the service loses no allowed call", async () => {
  const report = await underLoad(async (load) => {
    for (let i = 0; i < 2; i++) {
      await service.restart("SIGKILL");
      await load.moreAllowed(20);
    }
  });
  assert.ok(report.unknown.size > 0, "the load did not notice");
});

faultTest("R2: kill -9 of PostgreSQL: the service starts it again and goes on", async () => {
  const { pid } = service;
  const from = service.logs().length;
  await underLoad(async () => {
    const postmaster = await postmasterOf(service.home);
    await signalServer(postmaster, "SIGKILL");
    await pause(100);
  });
  assert.equal(service.pid, pid);
  assertLogged(service, /PostgreSQL ended; it is started again/, from);
  assertLogged(service, /PostgreSQL is back/, from);
});

faultTest("R2: kill -9 of the service and of PostgreSQL at once", async () => {
  await underLoad(async () => {
    const postmaster = await postmasterOf(service.home);
    service.kill("SIGKILL");
    await signalServer(postmaster, "SIGKILL");
    await service.restart("SIGKILL");
  });
});

for (const [mode, signal] of [["fast", "SIGINT"], ["immediate", "SIGQUIT"]] as const) {
  faultTest(`R3: PostgreSQL is shut down ${mode} under load`, async () => {
    const { pid } = service;
    const from = service.logs().length;
    await underLoad(async () => {
      Deno.kill(await postmasterOf(service.home), signal);
      await pause(300);
    });
    assert.equal(service.pid, pid);
    assertLogged(service, /PostgreSQL is back/, from);
  });
}

faultTest("R4: PostgreSQL is paused: calls are refused in time, then go on", async () => {
  const from = service.logs().length;
  const report = await underLoad(async () => {
    const postmaster = await postmasterOf(service.home);
    await signalServer(postmaster, "SIGSTOP");
    await pause(4000);
    await signalServer(postmaster, "SIGCONT");
  });
  assert.ok(report.refused.size > 100, `only ${report.refused.size} calls were refused`);
  assert.equal(report.unknown.size, 0);
  assertLogged(service, /audit connection is lost/, from);
});

faultTest("R10: every connection is cut again and again", async () => {
  const from = service.logs().length;
  await underLoad(async () => {
    const sql = openPool(service.database, { max: 1, applicationName: "fault test" });
    try {
      for (let i = 0; i < 12; i++) {
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
  const report = await underLoad(async () => {
    const sql = openPool(service.database, { max: 1, applicationName: "fault test" });
    try {
      await sql.begin(async (tx) => {
        await tx`lock table audit in access exclusive mode`;
        await pause(4000);
      });
    } finally {
      await sql.end({ timeout: 1 });
    }
  });
  assert.ok(report.refused.size > 100, `only ${report.refused.size} calls were refused`);
  assert.equal(report.unknown.size, 0);
  assertLogged(service, /audit/i, from);
});

faultTest("R13: others take every connection, decisions go on", async () => {
  const report = await underLoad(async (load) => {
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
