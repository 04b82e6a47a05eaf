import assert from "node:assert/strict";
import { CLI, createAuditFixture, fill, GATEWAY } from "./audit_fixture.ts";

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
