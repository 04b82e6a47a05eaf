import assert from "node:assert/strict";
import { AuditWriter } from "../../src/audit/mod.ts";
import { openSingle } from "../../src/db/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { createLog } from "../../src/kernel/log.ts";
import { CLI, createAuditFixture, decision, fill, GATEWAY, INSTANCE } from "./audit_fixture.ts";

Deno.test("a log that nobody touched verifies", async () => {
  await using audit = await createAuditFixture();
  await fill(audit.sql, GATEWAY, 23);
  await fill(audit.sql, CLI, 3, 1);
  await audit.sealer.sealAll();
  await fill(audit.sql, GATEWAY, 10);
  await audit.sealer.sealAll();
  await fill(audit.sql, GATEWAY, 2);
  const report = await audit.verify();
  assert.deepEqual(report.findings, []);
  assert.equal(report.ok, true);
  assert.equal(report.rows, 38);
  assert.equal(report.seals, 3);
  assert.equal(report.unsealed, 2);
  assert.equal(report.copies, 3);
});

Deno.test("an empty log verifies", async () => {
  await using audit = await createAuditFixture();
  await audit.sealer.sealAll();
  const report = await audit.verify();
  assert.deepEqual([report.ok, report.rows, report.writers.length], [true, 0, 0]);
});

Deno.test("verifying raises no false alarm while a service writes and seals", async () => {
  await using audit = await createAuditFixture();
  const stopping = new AbortController();
  const sealing = audit.sealer.run(stopping.signal);
  const writers = await Promise.all([0, 1].map((i) =>
    AuditWriter.open({
      writer: `${INSTANCE}/gateway-${i}`,
      connect: () => openSingle(audit.database.serve, { applicationName: "writer" }),
      clock: systemClock,
      log: createLog({ module: "test", write: () => {} }),
    })
  ));
  let writing = true;
  const load = writers.flatMap((writer) =>
    Array.from({ length: 8 }, async () => {
      while (writing) {
        await writer.commit({ row: decision({ createdAt: writer.stamp() }), charges: [] });
      }
    })
  );
  let rows = 0;
  for (let i = 0; i < 8; i++) {
    await audit.sealer.sealAll();
    const report = await audit.verify();
    assert.deepEqual(report.findings, []);
    assert.ok(report.rows >= rows);
    rows = report.rows;
  }
  writing = false;
  await Promise.all(load);
  await Promise.all(writers.map((writer) => writer.close()));
  stopping.abort();
  await sealing;
  const report = await audit.verify();
  assert.deepEqual(report.findings, []);
  assert.ok(rows > 0 && report.rows > rows);
  assert.equal(report.unsealed, 0, "sealed at the end of run()");
});

Deno.test("the serving role can verify", async () => {
  await using audit = await createAuditFixture();
  await fill(audit.sql, GATEWAY, 5);
  const serve = openSingle(audit.database.serve, { applicationName: "verify" });
  try {
    assert.equal((await audit.verify({}, serve)).ok, true);
  } finally {
    await serve.end();
  }
});

Deno.test("a period or a stretch of one chain is checked by itself", async () => {
  await using audit = await createAuditFixture();
  for (let i = 0; i < 5; i++) {
    await fill(audit.sql, GATEWAY, 10);
    await audit.sealer.sealAll();
  }
  const middle = await audit.verify({ writer: GATEWAY, from: 25, to: 26 });
  assert.deepEqual(middle.findings, []);
  assert.equal(middle.rows, 10, "from seal to seal");
  const none = await audit.verify({ since: new Date(Date.now() + 3_600_000) });
  assert.deepEqual([none.ok, none.rows], [true, 0]);
  const all = await audit.verify({ since: new Date(Date.now() - 3_600_000) });
  assert.deepEqual([all.ok, all.rows], [true, 50]);
});

Deno.test("without any public key a seal proves nothing", async () => {
  await using audit = await createAuditFixture();
  await fill(audit.sql, GATEWAY, 5);
  await audit.sealer.sealAll();
  const { checkpoint: _, ...rest } = { checkpoint: 0, keys: [] };
  const report = await audit.verify({ ...rest, pin: "0000000000000000" });
  assert.match(report.findings[0]?.what ?? "", /signed by key .* not known/);
});
