import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import { assertLogged, pause } from "../support/fault_load.ts";
import { faultTest, startFaultService } from "../support/fault_service.ts";
import { findNoMount, mountSmall, type SmallVolume } from "../support/host.ts";
import { type OwnPostgres, startOwnPostgres } from "../support/own_postgres.ts";
import type { TestService } from "../support/service.ts";
import { underLoad } from "../support/under_load.ts";

const NOBODY = { uid: 65534, gid: 65534 };
const obstacle = await findNoMount();

let service: TestService;
let postgres: OwnPostgres;
let wal: SmallVolume;
let space: SmallVolume;

Deno.test.beforeAll(async () => {
  if (obstacle) return;
  postgres = await startOwnPostgres({
    settings: ["min_wal_size = 2MB", "max_wal_size = 1GB", "checkpoint_timeout = 1h"],
    walSegmentMb: 1,
    async walFolder(root) {
      wal = await mountSmall(root, 60, NOBODY);
      return `${wal.folder}/wal`;
    },
    async prepare(root) {
      space = await mountSmall(root, 40, NOBODY);
    },
  });
  service = await startFaultService({ database: { url: postgres.url } });
});

Deno.test.afterAll(async () => {
  if (obstacle) return;
  await service.stop();
  await postgres.kill();
  await wal.remove();
  await space.remove();
  await postgres.stop();
});

/** Moves the rows that the service writes now to the small volume. */
async function moveAudit(): Promise<void> {
  const sql = openPool(service.database, { max: 1, applicationName: "fault test" });
  try {
    await sql.unsafe(`create tablespace small location '${space.folder}'`);
    const tables = await sql<{ name: string }[]>`
      select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit'::regclass`;
    for (const { name } of tables) await sql.unsafe(`alter table ${name} set tablespace small`);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

faultTest(
  "R6: the data volume is full: calls are refused, reading works, room brings them back",
  async () => {
    await moveAudit();
    const from = service.logs().length;
    const report = await underLoad(service, async () => {
      await space.fill();
      try {
        await untilRefusing(service);
        const { code, stdout } = await service.cli("infra", "logs", "decisions", "list", "--json");
        assert.equal(code, 0);
        assert.match(stdout, /"decision": "allow"/);
      } finally {
        await space.free();
      }
    });
    assert.ok(report.refused.size > 0);
    assert.equal(report.unknown.size, 0);
    assert.doesNotMatch(await postgres.log(), /PANIC/);
    assertLogged(service, /The database takes no audit rows.*No space left on device/, from);
    assertLogged(service, /The database takes audit rows again/, from);
  },
  obstacle,
);

faultTest(
  "R5: the volume of the write-ahead log is full: PostgreSQL cannot start until there is room, nothing is lost",
  async () => {
    const from = service.logs().length;
    const report = await underLoad(service, async () => {
      await wal.fill();
      try {
        await untilEnded(postgres);
        await untilRefusing(service);
      } finally {
        await wal.free();
        if (!postgres.isAlive()) await postgres.start();
      }
    }, { input: (serial) => ({ file_path: "/tmp/" + `${serial} `.repeat(400) }) });
    assert.ok(report.refused.size > 0);
    assert.match(await postgres.log(), /PANIC:.*No space left on device/s);
    assertLogged(service, /audit connection is lost/, from);
  },
  obstacle,
);

/** Waits until the service refuses a call for want of the audit. */
async function untilRefusing(service: TestService): Promise<void> {
  const token = await service.token().catch(() => undefined);
  for (let i = 0; i < 600; i++) {
    const { headers } = await service.govern(token, { hook_event_name: "PreToolUse" });
    if (headers.get("policy") === "audit_unavailable") return;
    await pause(50);
  }
  throw new Error("The service still records");
}

async function untilEnded(postgres: OwnPostgres): Promise<void> {
  for (let i = 0; i < 300 && postgres.isAlive(); i++) await pause(100);
  assert.equal(postgres.isAlive(), false, "PostgreSQL goes on without room");
}
