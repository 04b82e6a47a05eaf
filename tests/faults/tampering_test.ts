import assert from "node:assert/strict";
import { openCheckpoint } from "../../src/audit/checkpoint.ts";
import { verify, type VerifyReport } from "../../src/audit/verify.ts";
import type { Sql } from "../../src/db/mod.ts";
import { scaled } from "../support/fault_scale.ts";
import {
  type AuditFixture,
  createAuditFixture,
  fill,
  GATEWAY,
  KEY,
} from "../store/audit_fixture.ts";

const ROWS = 200;
const BATCH = 4;
/** Rows between two seals. */
const STRETCH = 20;
/** How many mutations of each kind; 2,000 in all in the long form. */
const FLIPS = scaled(36, 1080);
const OTHERS = scaled(4, 184);

let audit: AuditFixture;
Deno.test.beforeAll(async () => {
  audit = await createAuditFixture();
  for (let n = 0; n < ROWS; n += STRETCH) {
    await fill(audit.sql, GATEWAY, STRETCH, BATCH);
    await audit.sealer.sealAll();
  }
});
Deno.test.afterAll(async () => await audit?.[Symbol.asyncDispose]());

class Rollback extends Error {}

/** Does something with every guard off, verifies, and takes it back. */
async function afterTampering(tamper: (sql: Sql) => Promise<unknown>): Promise<VerifyReport> {
  let report: VerifyReport | undefined;
  const work = audit.sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await tamper(sql);
    const checkpoint = openCheckpoint(`${audit.dir}/seals`);
    report = await verify(sql, { keys: [KEY.publicKey], checkpoint });
    throw new Rollback();
  });
  await assert.rejects(work, Rollback);
  assert.ok(report);
  return report;
}

/** The change is reported, and nothing before the place where it is. */
function assertFirst(report: VerifyReport, n: number, what: string): void {
  assert.equal(report.ok, false, `${what} at n=${n} passed`);
  const places = report.findings.flatMap((finding) => finding.n ?? []);
  assert.equal(Math.min(...places), n, `${what}: ${JSON.stringify(report.findings)}`);
}

async function idAt(sql: Sql, n: number): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    select row_ids[${n}::bigint - first_n + 1] as id from audit_batches
     where writer = ${GATEWAY} and first_n <= ${n} and first_n + cardinality(row_ids) > ${n}`;
  assert.ok(row);
  return row.id;
}

/** The expression of a value with bit `k` of it flipped, by type of the column. */
const FLIP = {
  uuid: (column: string, k: number) => {
    const bytes = `uuid_send(${column})`;
    return `encode(set_bit(${bytes}, ${k % 128}, 1 - get_bit(${bytes}, ${k % 128})), 'hex')::uuid`;
  },
  // The seven low bits of a character: the eighth would not be text any more.
  text: (column: string, k: number) => {
    const bytes = `convert_to(${column}, 'UTF8')`;
    const bit = `${Math.floor(k / 7)} % length(${bytes}) * 8 + ${k % 7}`;
    return `convert_from(set_bit(${bytes}, ${bit}, 1 - get_bit(${bytes}, ${bit})), 'UTF8')`;
  },
  bigint: (column: string, k: number) => `${column} # (1::bigint << ${k % 62})`,
  time: (column: string, k: number) =>
    `${column} + interval '1 microsecond' * (1::bigint << ${k % 30})`,
  json: (column: string, k: number) =>
    `jsonb_set(${column}, '{long}', to_jsonb(${FLIP.text(`(${column}->>'long')`, 7 * 3 + k % 3)}))`,
} as const;

const COLUMNS: Readonly<Record<string, keyof typeof FLIP>> = {
  id: "uuid",
  created_at: "time",
  kind: "text",
  call_id: "uuid",
  user_id: "text",
  session_id: "text",
  task_id: "text",
  trace_id: "text",
  context_id: "text",
  client_id: "text",
  role: "text",
  surface: "text",
  target: "text",
  decision: "text",
  policy: "text",
  detail: "json",
  cost_microdollars: "bigint",
  latency_us: "bigint",
};

/** Numbers from 0 to `below`, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

Deno.test("R22: one bit of any column of any row, flipped, is found where it is", async () => {
  const names = Object.entries(COLUMNS);
  const next = numbers(7);
  for (let i = 0; i < FLIPS; i++) {
    const [column = "", type = "text"] = names[i % names.length] ?? [];
    const n = 1 + next(ROWS);
    const value = FLIP[type](column, next(1 << 20));
    const report = await afterTampering(async (sql) => {
      await sql`
        alter table audit drop constraint audit_kind_check, drop constraint audit_role_check,
          drop constraint audit_surface_check, drop constraint audit_decision_check`;
      const id = await idAt(sql, n);
      const { count } = await sql.unsafe(
        `update audit set ${column} = ${value} where id = '${id}'`,
      );
      assert.equal(count, 1);
    });
    assertFirst(report, n, `${column} = ${value}`);
  }
});

Deno.test("R22: a row that is deleted is found where it was", async () => {
  const next = numbers(11);
  for (let i = 0; i < OTHERS; i++) {
    const n = 1 + next(ROWS);
    const report = await afterTampering(async (sql) =>
      await sql`delete from audit where id = ${await idAt(sql, n)}`
    );
    assertFirst(report, n, "a deletion");
  }
});

Deno.test("R22: two rows that changed places are found at the first", async () => {
  const next = numbers(13);
  for (let i = 0; i < OTHERS; i++) {
    const n = 1 + next(ROWS - 1);
    const report = await afterTampering(async (sql) => {
      const [a, b] = [await idAt(sql, n), await idAt(sql, n + 1 + next(ROWS - n))];
      const spare = crypto.randomUUID();
      await sql`update audit set id = ${spare} where id = ${a}`;
      await sql`update audit set id = ${a} where id = ${b}`;
      await sql`update audit set id = ${b} where id = ${spare}`;
    });
    assertFirst(report, n, "an exchange");
  }
});

Deno.test("R22: a row that is duplicated is found by its id", async () => {
  const next = numbers(17);
  for (let i = 0; i < OTHERS; i++) {
    let id = "";
    const report = await afterTampering(async (sql) => {
      id = await idAt(sql, 1 + next(ROWS));
      await sql`
        insert into audit
        select id, created_at + interval '1 microsecond' * ${
        1 + next(1 << 30)
      }, kind, call_id, user_id,
               session_id, task_id, trace_id, context_id, client_id, role, surface, target, decision,
               policy, detail, cost_microdollars, latency_us
          from audit where id = ${id}`;
    });
    assert.equal(report.ok, false, `the duplicate of ${id} passed`);
    assert.ok(report.findings.every(({ row, what }) => row === id || what.includes(id)));
  }
});

Deno.test("R22: a tail that is cut with its seals is found by the copies outside", async () => {
  const next = numbers(19);
  for (let i = 0; i < OTHERS; i++) {
    const last = next(ROWS / BATCH);
    const report = await afterTampering(async (sql) => {
      await sql`delete from audit where id in
        (select unnest(row_ids) from audit_batches where writer = ${GATEWAY} and batch > ${last})`;
      await sql`delete from audit_seals where writer = ${GATEWAY} and n > ${last * BATCH}`;
      await sql`
        update audit_head h set n = ${last * BATCH}, batch = ${last}, root = coalesce(
          (select root from audit_batches where writer = ${GATEWAY} and batch = ${last}),
          (select previous_root from audit_batches where writer = ${GATEWAY} and batch = 1))
         where h.writer = ${GATEWAY}`;
      await sql`delete from audit_batches where writer = ${GATEWAY} and batch > ${last}`;
    });
    const end = last * BATCH;
    // What the last seal covers is proven, what comes after it is not.
    assertFirst(report, end - end % STRETCH + 1, "a cut");
    assert.ok(report.findings.some(({ what }) => what.includes(`ends at n=${end}, seal`)));
  }
});

Deno.test("R22: rows of an earlier time, put back in place of later ones, are found", async () => {
  const next = numbers(23);
  for (let i = 0; i < OTHERS; i++) {
    const late = 2 + next(ROWS / BATCH - 1);
    const early = 1 + next(late - 1);
    const report = await afterTampering(async (sql) => {
      for (let k = 1; k <= BATCH; k++) {
        const from = await idAt(sql, (early - 1) * BATCH + k);
        const to = await idAt(sql, (late - 1) * BATCH + k);
        await sql`delete from audit where id = ${to}`;
        await sql`
          insert into audit
          select ${to}::uuid, created_at, kind, ${to}::uuid, user_id, session_id, task_id, trace_id,
                 context_id, client_id, role, surface, target, decision, policy, detail,
                 cost_microdollars, latency_us
            from audit where id = ${from}`;
      }
    });
    assertFirst(report, (late - 1) * BATCH + 1, "a replay");
  }
});

Deno.test("R22: what was taken back leaves nothing behind", async () => {
  assert.deepEqual((await audit.verify()).findings, []);
});
