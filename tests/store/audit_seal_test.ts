import assert from "node:assert/strict";
import { checkHeads, createSealer, forkChains, openCheckpoint } from "../../src/audit/mod.ts";
import { listSeals } from "../../src/audit/seal_store.ts";
import { AppError } from "../../src/kernel/errors.ts";
import { createLog } from "../../src/kernel/log.ts";
import type { Sql } from "../../src/db/mod.ts";
import {
  type AuditFixture,
  CLI,
  createAuditFixture,
  fill,
  GATEWAY,
  INSTANCE,
  KEY,
} from "./audit_fixture.ts";

const OPERATOR = { userId: "operator", role: "admin", surface: "cli", clientId: "test" } as const;

Deno.test("only chains that moved are sealed, and only those of the instance", async () => {
  await using audit = await createAuditFixture();
  await fill(audit.sql, GATEWAY, 3);
  await fill(audit.sql, "ffffffff/gateway-0", 3);
  assert.deepEqual((await audit.sealer.sealAll()).map((seal) => seal.writer), [GATEWAY]);
  assert.deepEqual(await audit.sealer.sealAll(), []);
  await fill(audit.sql, CLI, 1);
  const [seal] = await audit.sealer.sealAll();
  assert.equal(seal?.writer, CLI);
  assert.deepEqual(Object.keys(seal?.others ?? {}), [GATEWAY]);
});

Deno.test("a chain that rests gets a heartbeat", async () => {
  await using audit = await createAuditFixture();
  await fill(audit.sql, GATEWAY, 3);
  await audit.sealer.sealAll();
  let now = Date.now() + 599_000;
  const sealer = createSealer({
    sql: audit.sql,
    key: KEY,
    checkpoint: audit.checkpoint,
    clock: { now: () => now, monotonic: () => 0 },
    log: createLog({ module: "test", write: () => {} }),
    instance: INSTANCE,
  });
  assert.equal((await sealer.sealAll()).length, 0);
  now += 2000;
  const [seal] = await sealer.sealAll();
  assert.deepEqual([seal?.seal, seal?.n], [2, 3]);
  now -= 3_600_000;
  await fill(audit.sql, GATEWAY, 1);
  const [next] = await sealer.sealAll();
  assert.equal(next?.sealedAt, seal?.sealedAt, "a clock that was set back does not show in seals");
  assert.equal((await audit.verify()).ok, true);
});

Deno.test("copies that a crash kept from the disk are made later, and a torn line is no alarm", async () => {
  await using audit = await createAuditFixture();
  const path = `${audit.dir}/seals/${encodeURIComponent(GATEWAY)}.jsonl`;
  for (let i = 0; i < 3; i++) {
    await fill(audit.sql, GATEWAY, 2);
    await audit.sealer.sealAll();
  }
  const whole = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, whole.slice(0, whole.indexOf("\n") + 60));
  assert.deepEqual((await audit.verify()).findings, []);
  const again = createSealer({
    sql: audit.sql,
    key: KEY,
    checkpoint: openCheckpoint(`${audit.dir}/seals`),
    clock: { now: Date.now, monotonic: () => 0 },
    log: createLog({ module: "test", write: () => {} }),
    instance: INSTANCE,
  });
  await again.sealAll();
  assert.equal(await Deno.readTextFile(path), whole);
  assert.equal((await audit.verify()).copies, 3);
});

Deno.test("a damaged line in the middle of the copies is reported", async () => {
  await using audit = await createAuditFixture();
  const path = `${audit.dir}/seals/${encodeURIComponent(GATEWAY)}.jsonl`;
  for (let i = 0; i < 2; i++) {
    await fill(audit.sql, GATEWAY, 2);
    await audit.sealer.sealAll();
  }
  const whole = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, whole.replace('"batch":1', '"batch":'));
  assert.match((await audit.verify()).findings[0]?.what ?? "", /Line 1 .* damaged/);
});

/** What restoring a backup comes to: everything after batch 1 of the gateway is gone. */
async function restoreBackup(sql: Sql): Promise<void> {
  await sql`set local session_replication_role = replica`;
  await sql`delete from audit where id in
    (select unnest(row_ids) from audit_batches where writer = ${GATEWAY} and batch > 1)`;
  await sql`delete from audit_batches where writer = ${GATEWAY} and batch > 1`;
  await sql`delete from audit_seals where writer = ${GATEWAY} and seal > 1`;
  await sql`update audit_head h set n = 2, batch = 1, root = b.root
    from audit_batches b where b.writer = ${GATEWAY} and b.batch = 1 and h.writer = ${GATEWAY}`;
}

async function withRestoredBackup(work: (audit: AuditFixture) => Promise<void>): Promise<void> {
  await using audit = await createAuditFixture();
  for (let i = 0; i < 3; i++) {
    await fill(audit.sql, GATEWAY, 2);
    await audit.sealer.sealAll();
  }
  const checkpoint = openCheckpoint(`${audit.dir}/seals`);
  await checkHeads(audit.sql, checkpoint);
  await audit.sql.begin(restoreBackup);
  await work(audit);
}

function isConflict(error: unknown): boolean {
  return error instanceof AppError && error.code === "conflict" &&
    /ends at n=2.*covers n=6/.test(error.message);
}

Deno.test("a restored backup is refused until the operator decides, which is recorded and signed", async () => {
  await withRestoredBackup(async (audit) => {
    const checkpoint = openCheckpoint(`${audit.dir}/seals`);
    await assert.rejects(checkHeads(audit.sql, checkpoint), isConflict);
    const options = {
      key: KEY,
      checkpoint,
      clock: { now: Date.now, monotonic: () => 0 },
      writer: CLI,
      actor: OPERATOR,
    };
    const [before] = await audit.sql`select epoch from audit_head where writer = ${GATEWAY}`;
    const [fork] = await forkChains(audit.sql, { ...options, reason: "disk died" });
    assert.deepEqual([fork?.chain.n, fork?.chain.sealed.n, fork?.base?.seal], [2, 6, 1]);
    const [after] = await audit.sql`select epoch from audit_head where writer = ${GATEWAY}`;
    assert.notEqual(after?.epoch, before?.epoch, "whoever still writes is fenced");
    const [row] = await audit.sql`select detail from audit where target = 'audit:fork'`;
    assert.equal(row?.detail.reason, "disk died");
    assert.equal(row?.detail.statements[0].body.lost.n, 6);

    await checkHeads(audit.sql, openCheckpoint(`${audit.dir}/seals`));
    await fill(audit.sql, GATEWAY, 3);
    const sealer = createSealer({
      ...options,
      sql: audit.sql,
      instance: INSTANCE,
      log: createLog({ module: "t", write: () => {} }),
    });
    await sealer.sealAll();
    const report = await audit.verify();
    assert.deepEqual(report.findings, []);
    assert.equal(report.forks, 1);
    await assert.rejects(forkChains(audit.sql, { ...options, reason: "again" }), /lost nothing/);

    await audit.sql.begin(restoreBackup);
    assert.equal(
      (await audit.verify()).ok,
      false,
      "a fork covers what was lost then, not what is lost later",
    );
  });
});

Deno.test("a fork that nobody signed is no fork", async () => {
  await withRestoredBackup(async (audit) => {
    const path = `${audit.dir}/seals/${encodeURIComponent(GATEWAY)}.jsonl`;
    const statement = {
      subject: "fork",
      body: {},
      key_id: KEY.keyId,
      public_key: "",
      signature: "AAAA",
    };
    await Deno.writeTextFile(path, JSON.stringify({ fork: statement, base: 1 }) + "\n", {
      append: true,
    });
    const report = await audit.verify();
    assert.ok(report.findings.some(({ what }) => /fork in line 4 .* not signed/.test(what)));
    assert.ok(report.findings.some(({ what }) => /ends at n=2/.test(what)));
  });
});

Deno.test("nothing is sealed on top of a database that lost rows", async () => {
  await withRestoredBackup(async (audit) => {
    await fill(audit.sql, GATEWAY, 9);
    assert.deepEqual(await audit.sealer.sealAll(), []);
    assert.equal((await listSeals(audit.sql, GATEWAY, 0, 10)).length, 1);
  });
});
