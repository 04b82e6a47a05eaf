import assert from "node:assert/strict";
import { dropOldPartitions, type RetentionOptions, signStatement } from "../../src/audit/mod.ts";
import {
  type AuditFixture,
  CLI,
  createAuditFixture,
  fill,
  GATEWAY,
  INSTANCE,
  KEY,
} from "./audit_fixture.ts";

const OPTIONS: RetentionOptions = {
  before: new Date("2026-03-01"),
  policy: { keep: "30d" },
  writer: `${INSTANCE}/jobs`,
  actor: { userId: "system", role: "service", surface: "cli", clientId: "jobs" },
  clock: { now: Date.now, monotonic: () => 0 },
  sign: (subject, body) => signStatement(KEY, subject, body),
  publicKey: KEY.publicKey,
};

/** Rows of January (interleaved with the first of February), February and now. */
async function withMonths(work: (audit: AuditFixture) => Promise<void>): Promise<void> {
  await using audit = await createAuditFixture();
  await audit
    .sql`select ensure_audit_partition(m::timestamptz) from unnest(array['2026-01-05', '2026-02-05']) m`;
  for (
    const at of [
      "2026-01-05",
      "2026-01-31T23:59:59.999Z",
      "2026-02-01T00:00:00.000Z",
      "2026-01-31T23:59:59Z",
    ]
  ) {
    await fill(audit.sql, GATEWAY, 6, 4, { createdAt: Date.parse(at) });
    await audit.sealer.sealAll();
  }
  await fill(audit.sql, CLI, 5, 4, { createdAt: Date.parse("2026-02-20") });
  await fill(audit.sql, GATEWAY, 6);
  await audit.sealer.sealAll();
  await work(audit);
}

Deno.test("retention drops whole months, accounts for them, and the rest still verifies", async () => {
  await withMonths(async (audit) => {
    const dropped = await dropOldPartitions(audit.sql, OPTIONS);
    assert.deepEqual(dropped, [
      { partition: "audit_2026_01", rows: 18 },
      { partition: "audit_2026_02", rows: 11 },
    ]);
    await audit.sealer.sealAll();
    const report = await audit.verify();
    assert.deepEqual(report.findings, []);
    assert.equal(report.dropped, 29);
    const [row] = await audit.sql`select count(*) from audit`;
    assert.equal(row?.count, 6 + 2);
    assert.deepEqual(await dropOldPartitions(audit.sql, OPTIONS), []);
  });
});

Deno.test("the newest retention row alone accounts for all gaps", async () => {
  await withMonths(async (audit) => {
    await dropOldPartitions(audit.sql, { ...OPTIONS, before: new Date("2026-02-01") });
    await dropOldPartitions(audit.sql, OPTIONS);
    const rows = await audit
      .sql`select detail from audit where target = 'audit:retention' order by id`;
    assert.deepEqual(rows.map((row) => row.detail.statement.body.gaps.length), [1, 3]);
  });
});

Deno.test("a month without its retention event, or with a forged one, is reported", async () => {
  await withMonths(async (audit) => {
    const forged: RetentionOptions = {
      ...OPTIONS,
      sign: (subject, body) => ({ ...signStatement(KEY, subject, { ...body, gaps: [] }), body }),
    };
    await dropOldPartitions(audit.sql, forged);
    const report = await audit.verify();
    assert.equal(report.findingCount, 29);
    assert.deepEqual([report.findings[0]?.writer, report.findings[0]?.n], [CLI, 1]);
  });
});

Deno.test("a retention event covers what it dropped, and not one row more", async () => {
  await withMonths(async (audit) => {
    await dropOldPartitions(audit.sql, { ...OPTIONS, before: new Date("2026-02-01") });
    await audit.sql.begin(async (sql) => {
      await sql`set local session_replication_role = replica`;
      await sql`delete from audit where id = (select min(id::text)::uuid from audit where created_at < '2026-02-02')`;
    });
    const report = await audit.verify();
    assert.equal(report.findingCount, 1);
    assert.match(report.findings[0]?.what ?? "", /n=1[3-8] is missing/);
  });
});

Deno.test("rows of a dropped month that come back are reported", async () => {
  await withMonths(async (audit) => {
    await audit.sql`create table kept as select * from audit_2026_01 limit 2`;
    await dropOldPartitions(audit.sql, { ...OPTIONS, before: new Date("2026-02-01") });
    await audit.sql`insert into audit select * from kept`;
    const report = await audit.verify();
    assert.match(report.findings[0]?.what ?? "", /dropped 18 rows .* missing are 16/);
  });
});

Deno.test("a month that does not verify is not dropped", async () => {
  await withMonths(async (audit) => {
    await audit.sql.begin(async (sql) => {
      await sql`set local session_replication_role = replica`;
      await sql`update audit set user_id = 'eve' where created_at < '2026-01-06'`;
    });
    await assert.rejects(
      dropOldPartitions(audit.sql, OPTIONS),
      /Cannot drop "audit_2026_01".*do not verify/,
    );
    const [row] = await audit.sql`select to_regclass('audit_2026_01') is not null as there`;
    assert.equal(row?.there, true);
  });
});
