import assert from "node:assert/strict";
import {
  appendRows,
  listHolds,
  placeHold,
  releaseHold,
  signStatement,
} from "../../src/audit/mod.ts";
import { checkBackup } from "../../src/backup/mod.ts";
import { type Job, type JobContext, type JobResult, JOBS } from "../../src/jobs/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { uuidV7 } from "../../src/kernel/ids.ts";
import { createLog } from "../../src/kernel/log.ts";
import { backupKeyOf, SecretBytes } from "../../src/vault/mod.ts";
import {
  type AuditFixture,
  createAuditFixture,
  decision,
  fill,
  GATEWAY,
  KEY,
} from "./audit_fixture.ts";
import { ADMIN } from "./identity_world.ts";

const MASTER = new SecretBytes(new Uint8Array(32).fill(3));
const backupKey = (salt: Uint8Array) => backupKeyOf(MASTER, salt).reveal();

function jobOf(name: string): Job {
  return JOBS.find((job) => job.name === name) ?? assert.fail(`No job "${name}"`);
}

/** Runs a shipped job as the scheduler does, with what the configuration and the run before say. */
async function run(
  audit: AuditFixture,
  name: string,
  parameters: Record<string, unknown> = {},
  over: Partial<JobContext> = {},
): Promise<JobResult> {
  const job = jobOf(name);
  const work = await job.load();
  return await work({
    sql: audit.sql,
    signal: new AbortController().signal,
    log: createLog({ module: "test", write: () => {} }),
    clock: systemClock,
    writer: "0a1b2c3d/jobs",
    backups: audit.dir,
    keys: {
      sealPublicKey: () => Promise.resolve(KEY.publicKey),
      signRetention: (body) => Promise.resolve(signStatement(KEY, "retention", body)),
      backupKey: (salt) => Promise.resolve(backupKey(salt)),
    },
    mark: {},
    progress: () => {},
    ...over,
    parameters: job.parameters.parse(parameters),
  });
}

Deno.test("every shipped job of upkeep runs on a database that is new", async () => {
  await using audit = await createAuditFixture();
  const left = ["audit-retention", "database-backup", "seal-check", "open-calls"];
  for (const { name } of JOBS.filter((job) => !left.includes(job.name))) {
    assert.ok((await run(audit, name)).message, name);
  }
});

Deno.test("retention keeps every month unless it is told otherwise, and never one that is held", async () => {
  await using audit = await createAuditFixture();
  const { sql } = audit;
  const context = {
    sql,
    actor: ADMIN,
    record: () => Promise.resolve(),
  };
  await sql`select ensure_audit_partition(m::timestamptz) from unnest(array['2025-01-05', '2025-02-05', '2025-03-05']) m`;
  for (const month of ["2025-01-10", "2025-02-10", "2025-03-10"]) {
    await fill(sql, GATEWAY, 6, 3, { createdAt: Date.parse(month) });
  }
  await fill(sql, GATEWAY, 4);
  await audit.sealer.sealAll();
  const partitions = async () =>
    (await sql`select relname from pg_class where relname ~ '^audit_2025_0\\d$' order by 1`).map((
      row,
    ) => row.relname);

  assert.match((await run(audit, "audit-retention")).message, /Every month is kept/);
  const hold = await placeHold(context, {
    reason: "case 12",
    since: new Date("2025-02-28T12:00:00Z"),
    until: new Date("2025-03-01T00:00:00Z"),
  });
  assert.match(
    (await run(audit, "audit-retention", { keep_months: 3, dry_run: true })).message,
    /Would drop audit_2025_01, audit_2025_03; held: audit_2025_02/,
  );
  assert.equal((await partitions()).length, 3);
  const result = await run(audit, "audit-retention", { keep_months: 3 });
  assert.match(result.message, /Dropped \d+ months with 12 rows; held: audit_2025_02/);
  assert.deepEqual(await partitions(), ["audit_2025_02"]);
  await audit.sealer.sealAll();
  assert.deepEqual((await audit.verify()).findings, []);

  await releaseHold(context, hold.id);
  await assert.rejects(releaseHold(context, hold.id), { code: "not_found" });
  assert.deepEqual([(await listHolds(sql)).length, (await listHolds(sql, true)).length], [0, 1]);
  await run(audit, "audit-retention", { keep_months: 3 });
  assert.deepEqual(await partitions(), []);
  await audit.sealer.sealAll();
  assert.deepEqual((await audit.verify()).findings, []);
});

Deno.test("whoever asks for a run of retention cannot say how much stays", () => {
  assert.ok(jobOf("audit-retention").fixed?.includes("keep_months"));
  assert.ok(jobOf("open-calls").fixed?.includes("after"));
  assert.ok(jobOf("database-backup").fixed?.includes("keep"));
});

Deno.test("a call without an outcome ends as timeout, once, and only when its time is over", async () => {
  await using audit = await createAuditFixture();
  const { sql } = audit;
  const old = Date.now() - 25 * 3_600_000;
  const [open, answered, asked, denied, recent] = [
    decision({ createdAt: old }),
    decision({ createdAt: old + 1 }),
    decision({ createdAt: old + 2, target: "prompt" }),
    decision({ createdAt: old + 3, decision: "deny", policy: "tool_blocklist" }),
    decision({}),
  ];
  const permission = decision({ createdAt: old + 4, detail: { event: "PermissionRequest" } });
  const outcome = decision({ kind: "outcome", callId: answered.id, decision: "ok" });
  await sql.begin((tx) =>
    appendRows(tx, GATEWAY, [open, answered, asked, denied, permission, recent, {
      ...outcome,
      id: uuidV7(),
    }])
  );
  const first = await run(audit, "open-calls");
  assert.equal(first.processed, 1);
  const rows = await sql`select * from audit where kind = 'outcome' and decision = 'timeout'`;
  assert.deepEqual(rows.map((row) => [row.callId, row.userId, row.traceId, row.target]), [
    [open.id, open.userId, open.traceId, open.target],
  ]);
  const [call] = await sql`select outcome from audit_calls where id = ${open.id}`;
  assert.equal(call?.outcome, "timeout");
  assert.equal((await run(audit, "open-calls", {}, { mark: first.mark ?? {} })).processed, 0);
  assert.equal((await run(audit, "open-calls")).processed, 0, "also when it forgot where it was");
  await audit.sealer.sealAll();
  assert.deepEqual((await audit.verify()).findings, []);
});

Deno.test("rows that nobody seals, and rows that were changed, fail the check of the seals", async () => {
  await using audit = await createAuditFixture();
  const { sql } = audit;
  await fill(sql, GATEWAY, 8, 4, { createdAt: Date.now() - 600_000 });
  await sql`update audit_head set last_at = now() - interval '10 minutes'`;
  await assert.rejects(
    run(audit, "seal-check"),
    /not sealed: "0a1b2c3d\/gateway-0" \(n=8, sealed to 0\)/,
  );
  await audit.sealer.sealAll();
  const { mark } = await run(audit, "seal-check");
  assert.ok(typeof mark?.until === "string");
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update audit set user_id = 'eve' where id = (select min(id::text)::uuid from audit)`;
  });
  await assert.rejects(run(audit, "seal-check"), /does not verify/);
});

Deno.test("the backup job keeps as many as it is told, and they open", async () => {
  await using audit = await createAuditFixture();
  await fill(audit.sql, GATEWAY, 8);
  await Deno.writeTextFile(`${audit.dir}/notes.backup`, "not ours");
  for (let day = 1; day <= 4; day++) {
    const clock = { now: () => Date.UTC(2026, 10, day), monotonic: () => 0 };
    await run(audit, "database-backup", { keep: 2 }, { clock });
  }
  const names = (await Array.fromAsync(Deno.readDir(audit.dir), ({ name }) => name)).filter((
    name,
  ) => name.endsWith("backup")).sort();
  assert.deepEqual(names, [
    "notes.backup",
    "spgov-20261103T000000Z.backup",
    "spgov-20261104T000000Z.backup",
  ]);
  const checked = await checkBackup(`${audit.dir}/${names[2]}`, { key: backupKey });
  assert.ok(checked.rows > 8);
  assert.equal(jobOf("database-backup").enabled, false, "nothing fills a disk unasked");
});

Deno.test("keys and secrets that are old are named, never their values", async () => {
  await using audit = await createAuditFixture();
  const { sql } = audit;
  await sql`insert into vault_keys (version, created_at) values (1, now() - interval '400 days')`;
  await sql`insert into secrets (id, owner_kind, owner_id, name, servers, created_at, rotated_at, key_version, nonce, sealed)
            values (gen_random_uuid(), 'global', '', 'OLD_TOKEN', '{x}', now(), now() - interval '200 days', 1,
                    decode('000000000000000000000000', 'hex'), 'sealed-value')`;
  const { message, processed } = await run(audit, "key-reminder");
  assert.equal(processed, 2);
  assert.match(message, /data key.*"OLD_TOKEN"/);
  assert.doesNotMatch(message, /sealed-value/);
});

Deno.test("history goes, but for the newest run of each job", async () => {
  await using audit = await createAuditFixture();
  const { sql } = audit;
  for (const day of [40, 20, 10]) {
    await sql`insert into job_runs (id, job, trigger, requested_by, status, finished_at)
              values (${
      uuidV7(Date.now() - day * 86_400_000)
    }, 'grants', 'manual', 'ada', 'ok', now() - make_interval(days => ${day}))`;
  }
  await sql`insert into job_runs (id, job, trigger, requested_by, status, finished_at)
            values (${uuidV7(1)}, 'rare', 'manual', 'ada', 'ok', '2020-01-01')`;
  assert.equal((await run(audit, "job-history")).processed, 1);
  const rows = await sql`select job, count(*) from job_runs group by job order by job`;
  assert.deepEqual(rows.map((row) => [row.job, row.count]), [["grants", 2], ["rare", 1]]);
});

Deno.test("sessions that nobody used end, those in use and of API keys stay; by default all stay", async () => {
  await using audit = await createAuditFixture();
  const { sql } = audit;
  await sql`insert into users (id, email, name, roles) values ('ada', 'ada@example.test', 'ada', '{user}')`;
  for (const id of ["idle", "used", "key", "new"]) {
    const age = id === "new" ? 0 : 5;
    await sql`insert into sessions (id, user_id, client_id, audience, role, token_id, created_at, expires_at)
              values (${id}, 'ada', 'c', 'api', 'user', ${id}, now() - make_interval(hours => ${age}), now() + interval '1 day')`;
  }
  await sql`insert into session_uses (session_id, used_at, address) values ('used', now(), '192.0.2.1')`;
  await sql`insert into api_keys (id, session_id, user_id, name, prefix, hash, audiences, scopes, created_by, created_at)
            values ('k', 'key', 'ada', 'ci', 'spk_1', '\\x00', '{api}', '{*}', 'ada', now())`;
  const ended = async () =>
    (await sql`select id from sessions where revoked_at is not null order by id`).map(({ id }) =>
      id
    );
  await run(audit, "session-expiry");
  assert.deepEqual(await ended(), []);
  assert.equal((await run(audit, "session-expiry", { hours: 2, dry_run: true })).processed, 1);
  assert.deepEqual(await ended(), []);
  assert.equal((await run(audit, "session-expiry", { hours: 2 })).processed, 1);
  assert.deepEqual(await ended(), ["idle"]);
  const rows = await sql`select target, user_id from audit where kind = 'identity'`;
  assert.ok(rows.length > 0 && rows.every(({ userId }) => userId === "scheduler"));
});
