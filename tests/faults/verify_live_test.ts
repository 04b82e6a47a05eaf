import assert from "node:assert/strict";
import type { Checkpoint } from "../../src/audit/checkpoint.ts";
import { createAuditFixture, fill, GATEWAY } from "../store/audit_fixture.ts";

Deno.test("a seal that is made while the log is verified is no finding", async () => {
  await using fixture = await createAuditFixture();
  await fill(fixture.sql, GATEWAY, 8);
  await fixture.sealer.sealAll();
  await fill(fixture.sql, GATEWAY, 8);
  let sealed = 0;
  /** Seals once the database is read: the copies get a seal that the snapshot has not. */
  const checkpoint: Checkpoint = {
    ...fixture.checkpoint,
    async *read(writer) {
      const [row] = await fixture.sql`
        select count(*)::int as open from pg_stat_activity
         where datname = current_database() and state = 'idle in transaction'`;
      if (row?.open > 0 && sealed === 0) sealed = (await fixture.sealer.sealAll()).length;
      yield* fixture.checkpoint.read(writer);
    },
  };
  const report = await fixture.verify({ checkpoint });
  assert.equal(sealed, 1);
  assert.deepEqual(report.findings, []);
  assert.equal(report.copies, 1);
  const after = await fixture.verify();
  assert.deepEqual([after.ok, after.copies], [true, 2]);
});
