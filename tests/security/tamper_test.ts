import assert from "node:assert/strict";
import { canonicalRow, genesisRoot, leafOf, nextRoot } from "../../src/audit/chain.ts";
import { openCheckpoint } from "../../src/audit/checkpoint.ts";
import type { Finding } from "../../src/audit/finding.ts";
import { readRow } from "../../src/audit/row_check.ts";
import { type Seal, sealHash, sealText } from "../../src/audit/seal_format.ts";
import { listSeals } from "../../src/audit/seal_store.ts";
import { createSigningKey, type SigningKey } from "../../src/audit/signing.ts";
import { verify, type VerifyOptions, type VerifyReport } from "../../src/audit/verify.ts";
import { listBatches, listRows } from "../../src/audit/verify_store.ts";
import type { Sql } from "../../src/db/mod.ts";
import {
  type AuditFixture,
  CLI,
  createAuditFixture,
  decision,
  fill,
  GATEWAY,
  KEY,
} from "../store/audit_fixture.ts";

let audit: AuditFixture;

/**
 * The log under attack: the gateway has n = 1…40 in batches of 4 (seals 1 at n = 20, 2 at n = 32, 3 at
 * n = 40), the command line n = 1…6 in batches of 1 (seals 1 at n = 3, 2 at n = 6).
 */
Deno.test.beforeAll(async () => {
  audit = await createAuditFixture();
  await fill(audit.sql, GATEWAY, 20);
  await fill(audit.sql, CLI, 3, 1);
  await audit.sealer.sealAll();
  await fill(audit.sql, GATEWAY, 12);
  await audit.sealer.sealAll();
  await fill(audit.sql, GATEWAY, 8);
  await fill(audit.sql, CLI, 3, 1);
  await audit.sealer.sealAll();
});

Deno.test.afterAll(async () => await audit?.[Symbol.asyncDispose]());

class Rollback extends Error {}

/** Does something behind the program's back, with every trigger off, verifies, and takes it back. */
async function afterTampering(
  tamper: (sql: Sql) => Promise<unknown>,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  let report: VerifyReport | undefined;
  try {
    await audit.sql.begin(async (sql) => {
      await sql`set local session_replication_role = replica`;
      await tamper(sql);
      const checkpoint = openCheckpoint(`${audit.dir}/seals`);
      report = await verify(sql, { keys: [KEY.publicKey], checkpoint, ...options });
      throw new Rollback();
    });
  } catch (error) {
    if (!(error instanceof Rollback)) throw error;
  }
  assert.ok(report);
  return report;
}

/** The change is reported, where it is, and nothing before it. */
function assertFound(report: VerifyReport, expected: Partial<Finding>, what: RegExp): void {
  assert.equal(report.ok, false, "tampering passed");
  const found = report.findings.find((finding) =>
    what.test(finding.what) &&
    Object.entries(expected).every(([key, value]) => finding[key as keyof Finding] === value)
  );
  assert.ok(
    found,
    `expected ${what} at ${JSON.stringify(expected)} in ${JSON.stringify(report.findings)}`,
  );
  for (const { writer, n } of report.findings) {
    if (writer !== expected.writer || n === undefined || expected.n === undefined) continue;
    assert.ok(n >= expected.n, `n=${n} is reported, the first change is at n=${expected.n}`);
  }
}

async function idAt(sql: Sql, writer: string, n: number): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    select row_ids[${n}::bigint - first_n + 1] as id from audit_batches
     where writer = ${writer} and first_n <= ${n} and first_n + cardinality(row_ids) > ${n}
  `;
  assert.ok(row);
  return row.id;
}

/** One small change to each of the 18 columns, as an assignment. */
const COLUMNS: Readonly<Record<string, string>> = {
  id: "id = (left(id::text, 35) || case when right(id::text, 1) = '0' then '1' else '0' end)::uuid",
  created_at: "created_at = created_at + interval '1 millisecond'",
  kind: "kind = 'outcome'",
  call_id: "call_id = gen_random_uuid()",
  user_id: "user_id = 'eve'",
  session_id: "session_id = session_id || ' '",
  task_id: "task_id = 'task-2'",
  trace_id: "trace_id = 'f' || substr(trace_id, 2)",
  context_id: "context_id = 'context-2'",
  client_id: "client_id = ''",
  role: "role = 'admin'",
  surface: "surface = 'mcp'",
  target: "target = 'tool:bash'",
  decision: "decision = 'deny'",
  policy: "policy = 'rate_limit'",
  detail: "detail = jsonb_set(detail, '{rules,0,3}', '13')",
  cost_microdollars: "cost_microdollars = cost_microdollars + 1",
  latency_us: "latency_us = latency_us - 1",
};

for (const [column, change] of Object.entries(COLUMNS)) {
  Deno.test(`a changed ${column} is found`, async () => {
    const report = await afterTampering(async (sql) => {
      await sql.unsafe(`update audit set ${change} where id = '${await idAt(sql, GATEWAY, 11)}'`);
    });
    const what = column === "id" ? /is missing/ : /was changed/;
    assertFound(report, { writer: GATEWAY, n: 11, batch: 3 }, what);
    assert.equal(report.findingCount, column === "id" ? 2 : 1, "one change, told once");
  });
}

Deno.test("every column of the table is among those", async () => {
  const rows = await audit.sql<{ name: string }[]>`
    select attname as name from pg_attribute where attrelid = 'audit'::regclass and attnum > 0 and not attisdropped
  `;
  assert.deepEqual(rows.map((row) => row.name).sort(), Object.keys(COLUMNS).sort());
});

/** Changes that a careless reader would round away. */
const FINE: Readonly<Record<string, string>> = {
  "one microsecond": "created_at = created_at + interval '1 microsecond'",
  "a time beyond all": "created_at = 'infinity'",
  "a time before all": "created_at = '-infinity'",
  "the year 300": "created_at = '0300-01-01'",
  "a cost beyond doubles": "cost_microdollars = 9007199254740993",
  "a negative latency": "latency_us = -latency_us",
  "the 20th digit of a number in detail":
    "detail = jsonb_set(detail, '{numbers,0}', '0.10000000000000000001')",
  "a needless zero in detail": "detail = jsonb_set(detail, '{numbers,0}', '0.10')",
  "an added member": "detail = detail || '{\"x\": null}'",
  "a removed member": "detail = detail - 'reason'",
  "a number as text": "detail = jsonb_set(detail, '{rules,0,3}', '\"12\"')",
  "another normal form": "detail = jsonb_set(detail, '{\u00e9}', '\"\u00e9\"')",
  "an object in place of all": "detail = 'null'",
};

for (const [name, change] of Object.entries(FINE)) {
  Deno.test(`a change as small as ${name} is found`, async () => {
    const report = await afterTampering(async (sql) => {
      await sql.unsafe(`update audit set ${change} where id = '${await idAt(sql, GATEWAY, 38)}'`);
    });
    assertFound(report, { writer: GATEWAY, n: 38, batch: 10 }, /was changed/);
  });
}

Deno.test("of many changes each is found and nothing else", async () => {
  const changes = Object.entries(COLUMNS).filter(([column]) => column !== "id");
  const report = await afterTampering(async (sql) => {
    for (let n = 1; n <= 40; n++) {
      const [, change] = changes[n % changes.length] ?? [];
      await sql.unsafe(`update audit set ${change} where id = '${await idAt(sql, GATEWAY, n)}'`);
    }
  });
  const found = report.findings.map(({ n }) => n).sort((a = 0, b = 0) => a - b);
  assert.deepEqual(found, Array.from({ length: 40 }, (_, i) => i + 1));
});

Deno.test("a deleted row is found", async () => {
  const report = await afterTampering(async (sql) =>
    await sql`delete from audit where id = ${await idAt(sql, CLI, 1)}`
  );
  assertFound(report, { writer: CLI, n: 1, batch: 1 }, /is missing/);
});

async function insertRow(sql: Sql, id: string): Promise<void> {
  const row = canonicalRow(decision({ id }));
  await sql`insert into audit select * from json_populate_record(null::audit, ${row}::text::json)`;
}

Deno.test("an inserted row is found", async () => {
  const { id } = decision();
  const report = await afterTampering((sql) => insertRow(sql, id));
  assertFound(report, { row: id }, /in no batch/);
});

Deno.test("an inserted row is found when only its period is checked", async () => {
  const { id } = decision();
  const since = new Date(Date.now() - 60_000);
  const report = await afterTampering((sql) => insertRow(sql, id), { since });
  assertFound(report, { row: id }, /in no batch/);
});

Deno.test("a row that stands twice, under two times, is found", async () => {
  let id = "";
  const report = await afterTampering(async (sql) => {
    id = await idAt(sql, GATEWAY, 5);
    await sql`
      insert into audit select id, created_at + interval '40 days', kind, call_id, user_id, session_id, task_id,
        trace_id, context_id, client_id, role, surface, target, decision, policy, detail, cost_microdollars,
        latency_us from audit where id = ${id}
    `;
  });
  assertFound(report, { row: id }, /2 times/);
});

Deno.test("two rows that changed places are found", async () => {
  const report = await afterTampering(async (sql) => {
    const [a, b] = [await idAt(sql, GATEWAY, 6), await idAt(sql, GATEWAY, 7)];
    const spare = crypto.randomUUID();
    await sql`update audit set id = ${spare} where id = ${a}`;
    await sql`update audit set id = ${a} where id = ${b}`;
    await sql`update audit set id = ${b} where id = ${spare}`;
  });
  assertFound(report, { writer: GATEWAY, n: 6, batch: 2 }, /was changed/);
  assertFound(report, { writer: GATEWAY, batch: 2 }, /n=7 was changed/);
});

Deno.test("two rows that changed places in the skeleton are found", async () => {
  const report = await afterTampering((sql) =>
    sql`update audit_batches set row_ids = array[row_ids[2], row_ids[1], row_ids[3], row_ids[4]]
         where writer = ${GATEWAY} and batch = 2`
  );
  assertFound(report, { writer: GATEWAY, n: 5, batch: 2 }, /was changed/);
});

Deno.test("a duplicated batch is found", async () => {
  const report = await afterTampering((sql) =>
    sql`insert into audit_batches select writer, 11, 41, row_ids, leaves, root, previous_root
          from audit_batches where writer = ${GATEWAY} and batch = 10`
  );
  assertFound(report, { writer: GATEWAY, n: 41, batch: 11 }, /does not continue/);
  assert.ok(report.findings.some(({ what }) => /is in 2 batches/.test(what)));
});

Deno.test("a duplicated batch that continues the chain is found by its rows", async () => {
  const report = await afterTampering(async (sql) => {
    await sql`insert into audit_batches select writer, 11, 41, row_ids, leaves, root, previous_root
          from audit_batches where writer = ${GATEWAY} and batch = 10`;
    await rewrite(sql, GATEWAY, 11);
  });
  assertFound(report, { row: await idAt(audit.sql, GATEWAY, 37) }, /is in 2 batches/);
});

Deno.test("a removed batch is found, with its rows or without them", async () => {
  for (const withRows of [true, false]) {
    const report = await afterTampering(async (sql) => {
      if (withRows) {
        await sql`delete from audit where id in
          (select unnest(row_ids) from audit_batches where writer = ${GATEWAY} and batch = 4)`;
      }
      await sql`delete from audit_batches where writer = ${GATEWAY} and batch = 4`;
    });
    assertFound(report, { writer: GATEWAY, n: 13, batch: 4 }, /Batch 4 is missing/);
  }
});

const BATCH_CHANGES: Readonly<Record<string, readonly [string, RegExp]>> = {
  "a leaf": ["leaves = set_byte(leaves, 33, (get_byte(leaves, 33) + 1) % 256)", /does not follow/],
  "the order of leaves": [
    "leaves = substr(leaves, 33, 32) || substr(leaves, 1, 32) || substr(leaves, 65)",
    /does not follow/,
  ],
  "an added leaf": ["leaves = leaves || substr(leaves, 1, 32)", /does not follow/],
  "half a leaf": ["leaves = substr(leaves, 1, 112)", /not 32 a row/],
  "no leaves": ["leaves = ''", /0 bytes of leaves/],
  "an added row id": ["row_ids = row_ids || gen_random_uuid()", /names 5 rows/],
  "a removed row id": ["row_ids = row_ids[1:3]", /names 3 rows/],
  "no row ids": ["row_ids = '{}'", /names 0 rows/],
  "a null row id": ["row_ids[2] = null", /missing|names/],
  "the root": ["root = set_byte(root, 0, (get_byte(root, 0) + 1) % 256)", /does not follow/],
  "the previous root": [
    "previous_root = set_byte(previous_root, 31, (get_byte(previous_root, 31) + 1) % 256)",
    /does not continue/,
  ],
  "the first n": ["first_n = first_n + 1", /starts at n=/],
  "the number": ["batch = 9223372036854775807", /missing/],
  "the writer": ["writer = 'ffffffff/gateway-0'", /Batch 5 is missing/],
};

for (const [name, [change, what]] of Object.entries(BATCH_CHANGES)) {
  Deno.test(`${name} of a batch, changed, is found`, async () => {
    const report = await afterTampering((sql) =>
      sql.unsafe(`update audit_batches set ${change} where writer = '${GATEWAY}' and batch = 5`)
    );
    assertFound(report, { writer: GATEWAY, batch: 5 }, what);
  });
}

const SEAL_CHANGES: Readonly<Record<string, readonly [string, RegExp]>> = {
  "n": ["n = n - 1", /signature of seal 2 is wrong/],
  "batch": ["batch = batch - 1", /signature of seal 2 is wrong/],
  "root": [
    "root = set_byte(root, 0, (get_byte(root, 0) + 1) % 256)",
    /signature of seal 2 is wrong/,
  ],
  "time": ["sealed_at = sealed_at - interval '1 hour'", /signature of seal 2 is wrong/],
  "time, by a microsecond": [
    "sealed_at = sealed_at + interval '1 microsecond'",
    /no seal reads like this/,
  ],
  "link": ["previous_seal = decode(repeat('00', 32), 'hex')", /does not continue/],
  "references": ["others = '{}'", /signature of seal 2 is wrong/],
  "references, made nonsense": ["others = '[1]'", /no seal reads like this/],
  "key id": ["key_id = '0123456789abcdef'", /key 0123456789abcdef, which is not known/],
  "signature": [
    "signature = set_byte(signature, 9, (get_byte(signature, 9) + 1) % 256)",
    /signature of seal 2/,
  ],
  "signature, cut off": ["signature = ''", /signature of seal 2/],
};

for (const [name, [change, what]] of Object.entries(SEAL_CHANGES)) {
  Deno.test(`a seal's ${name}, changed, is found`, async () => {
    for (const options of [{}, WITHOUT_COPIES]) {
      const report = await afterTampering(
        (sql) =>
          sql.unsafe(`update audit_seals set ${change} where writer = '${GATEWAY}' and seal = 2`),
        options,
      );
      assertFound(report, { writer: GATEWAY, seal: 2 }, what);
    }
  });
}

const WITHOUT_COPIES = { checkpoint: openCheckpoint("/nonexistent") } as const;

Deno.test("a seal that was dropped is found", async () => {
  for (const seal of [1, 2]) {
    const report = await afterTampering(
      (sql) => sql`delete from audit_seals where writer = ${GATEWAY} and seal = ${seal}`,
      WITHOUT_COPIES,
    );
    assertFound(report, { writer: GATEWAY, seal }, new RegExp(`Seal ${seal} .*is missing`));
  }
});

Deno.test("the newest seal, dropped, is found by its copy outside", async () => {
  const report = await afterTampering(
    (sql) => sql`delete from audit_seals where writer = ${GATEWAY} and seal = 3`,
  );
  assertFound(report, { writer: GATEWAY, seal: 3 }, /outside/);
});

Deno.test("seals in another order are found", async () => {
  const report = await afterTampering(async (sql) => {
    await sql`update audit_seals set seal = 99 where writer = ${GATEWAY} and seal = 1`;
    await sql`update audit_seals set seal = 1 where writer = ${GATEWAY} and seal = 2`;
    await sql`update audit_seals set seal = 2 where writer = ${GATEWAY} and seal = 99`;
  }, WITHOUT_COPIES);
  assertFound(report, { writer: GATEWAY, seal: 1 }, /does not continue|signature of seal 1/);
});

Deno.test("a partition that was dropped is found", async () => {
  const report = await afterTampering(async (sql) => {
    const [row] = await sql<
      { name: string }[]
    >`select tableoid::regclass::text as name from audit limit 1`;
    await sql.unsafe(`drop table ${row?.name}`);
  });
  assertFound(report, { writer: GATEWAY, n: 1, batch: 1 }, /is missing/);
  assert.equal(report.findingCount, 46);
});

/** Cuts everything of `writer` after batch `last`: rows, skeleton and head. */
async function cutTail(sql: Sql, writer: string, last: number): Promise<void> {
  await sql`delete from audit where id in
    (select unnest(row_ids) from audit_batches where writer = ${writer} and batch > ${last})`;
  await sql`delete from audit_batches where writer = ${writer} and batch > ${last}`;
  await sql`
    update audit_head h set n = b.first_n + cardinality(row_ids) - 1, batch = b.batch, root = b.root
      from audit_batches b where b.writer = ${writer} and b.batch = ${last} and h.writer = ${writer}
  `;
}

Deno.test("a cut tail is found by the seals inside", async () => {
  const report = await afterTampering((sql) => cutTail(sql, GATEWAY, 9), WITHOUT_COPIES);
  assertFound(
    report,
    { writer: GATEWAY, n: 37, seal: 3 },
    /chain ends at n=36, seal 3 covers n=40/,
  );
});

Deno.test("a cut tail is found outside when the seals were cut with it", async () => {
  const report = await afterTampering(async (sql) => {
    await cutTail(sql, GATEWAY, 8);
    await sql`delete from audit_seals where writer = ${GATEWAY} and seal > 2`;
  });
  assertFound(
    report,
    { writer: GATEWAY, n: 33, seal: 3 },
    /ends at n=32, seal 3 outside it covers n=40/,
  );
});

Deno.test("a head that was set back is found", async () => {
  const report = await afterTampering((sql) =>
    sql`update audit_head set n = 36, batch = 9,
          root = (select root from audit_batches where writer = ${GATEWAY} and batch = 9)
         where writer = ${GATEWAY}`
  );
  assertFound(report, { writer: GATEWAY, n: 37 }, /head stands at n=36/);
});

Deno.test("a head that was removed or has another root is found", async () => {
  const removed = await afterTampering((sql) => sql`delete from audit_head where writer = ${CLI}`);
  assertFound(removed, { writer: CLI }, /head is missing/);
  const other = await afterTampering((sql) =>
    sql`update audit_head set root = set_byte(root, 3, 255 - get_byte(root, 3)) where writer = ${CLI}`
  );
  assertFound(other, { writer: CLI }, /head has another root/);
});

/** Recomputes leaves, roots and head of `writer` from batch `first` on: what a clever intruder would do. */
async function rewrite(sql: Sql, writer: string, first: number): Promise<void> {
  const before = await listBatches(sql, writer, first - 2, first - 1, 1);
  let root: Uint8Array = before[0]?.root ?? genesisRoot(writer);
  for (const batch of await listBatches(sql, writer, first - 1, Number.MAX_SAFE_INTEGER, 1000)) {
    const stored = new Map((await listRows(sql, batch.rowIds)).map((row) => [row[0], row]));
    const leaves = Uint8Array.from(batch.rowIds.flatMap((id) => {
      const read = readRow(stored.get(id) ?? []);
      assert.ok("row" in read);
      return [...leafOf(canonicalRow(read.row))];
    }));
    const next = nextRoot(root, leaves);
    await sql`update audit_batches set leaves = ${leaves}, previous_root = ${root}, root = ${next}
               where writer = ${writer} and batch = ${batch.batch}`;
    await sql`update audit_head set root = ${next}, batch = ${batch.batch},
                n = ${batch.firstN + batch.rowIds.length - 1} where writer = ${writer}`;
    root = next;
  }
}

/** Signs the seals of `writer` anew over the chain as it now is. */
async function reseal(sql: Sql, writer: string, key: SigningKey): Promise<void> {
  let before: Seal | undefined;
  for (const { seal } of await listSeals(sql, writer, 0, 1000)) {
    assert.ok(seal);
    const [batch] = await listBatches(sql, writer, seal.batch - 1, seal.batch, 1);
    assert.ok(batch);
    const previousSeal = before ? sealHash(before) : seal.previousSeal;
    const body = { ...seal, root: Uint8Array.from(batch.root), previousSeal };
    const next = { ...body, keyId: key.keyId, signature: key.sign(sealText(body)) };
    await sql`update audit_seals set root = ${next.root}, previous_seal = ${previousSeal}, key_id = ${key.keyId},
                signature = ${next.signature} where writer = ${writer} and seal = ${seal.seal}`;
    before = next;
  }
}

async function acquit(sql: Sql): Promise<void> {
  await sql`update audit set decision = 'allow', user_id = 'eve' where id = ${await idAt(
    sql,
    GATEWAY,
    22,
  )}`;
  await rewrite(sql, GATEWAY, 6);
}

Deno.test("a chain rewritten with consistent hashes is found by its seals", async () => {
  const report = await afterTampering(acquit, WITHOUT_COPIES);
  assertFound(report, { writer: GATEWAY, seal: 2, n: 21 }, /signs another root.*after n=20/);
});

Deno.test("a rewritten chain with seals of another key is found, also without the copies", async () => {
  const other = createSigningKey(new Uint8Array(32).fill(9));
  const tamper = async (sql: Sql): Promise<void> => {
    await acquit(sql);
    await reseal(sql, GATEWAY, other);
  };
  assertFound(
    await afterTampering(tamper, WITHOUT_COPIES),
    { writer: GATEWAY },
    /signed by key .* not known/,
  );
  assertFound(await afterTampering(tamper), { writer: GATEWAY, seal: 1 }, /log was rewritten/);
  const pinned = { pin: KEY.keyId, keys: [KEY.publicKey, other.publicKey] };
  assertFound(await afterTampering(tamper, pinned), { writer: GATEWAY }, /not known/);
});

Deno.test("a rewritten chain with seals of the stolen key is found by the copies outside", async () => {
  const tamper = async (sql: Sql): Promise<void> => {
    await acquit(sql);
    await reseal(sql, GATEWAY, KEY);
    await sql`update audit_seals set others = '{}' where writer = ${CLI}`;
    await reseal(sql, CLI, KEY);
    await sql`update audit_seals set others = '{}' where writer = ${GATEWAY}`;
    await reseal(sql, GATEWAY, KEY);
  };
  const without = await afterTampering(tamper, WITHOUT_COPIES);
  assert.deepEqual(
    without.findings,
    [],
    "nothing inside the database tells: that is why there are copies",
  );
  const report = await afterTampering(tamper);
  assertFound(report, { writer: GATEWAY, seal: 1, n: 1 }, /log was rewritten/);
});

Deno.test("a whole chain that vanished is found, inside and outside", async () => {
  const tamper = async (sql: Sql): Promise<void> => {
    await sql`delete from audit where id in (select unnest(row_ids) from audit_batches where writer = ${CLI})`;
    for (const table of ["audit_batches", "audit_seals", "audit_head"]) {
      await sql.unsafe(`delete from ${table} where writer = '${CLI}'`);
    }
  };
  assertFound(
    await afterTampering(tamper, WITHOUT_COPIES),
    { writer: CLI, seal: 1 },
    /is missing: seal/,
  );
  assertFound(await afterTampering(tamper), { writer: CLI, n: 1 }, /ends at n=0/);
});

Deno.test("rows of an earlier time, put back in place of later ones, are found", async () => {
  const report = await afterTampering(async (sql) => {
    const ids = await Promise.all([1, 2, 3, 4].map((n) => idAt(sql, GATEWAY, n)));
    const later = await Promise.all([37, 38, 39, 40].map((n) => idAt(sql, GATEWAY, n)));
    await sql`delete from audit where id = any(${later}::uuid[])`;
    for (const [i, id] of ids.entries()) {
      await sql`insert into audit select ${
        later[i] ?? ""
      }::uuid, created_at, kind, call_id, user_id, session_id,
        task_id, trace_id, context_id, client_id, role, surface, target, decision, policy, detail,
        cost_microdollars, latency_us from audit where id = ${id}`;
    }
  });
  assertFound(report, { writer: GATEWAY, n: 37, batch: 10 }, /was changed/);
});

Deno.test("a range is as strict as the whole", async () => {
  const tamper = async (sql: Sql): Promise<void> => {
    await sql`update audit set policy = 'budget' where id = ${await idAt(sql, GATEWAY, 30)}`;
  };
  const inside = await afterTampering(tamper, { writer: GATEWAY, from: 29, to: 31 });
  assertFound(inside, { writer: GATEWAY, n: 30 }, /was changed/);
  const outside = await afterTampering(tamper, { writer: GATEWAY, from: 1, to: 8 });
  assert.deepEqual(outside.findings, []);
  assert.equal(outside.rows, 20, "up to the next seal");
});

Deno.test("what was taken back leaves nothing behind", async () => {
  const report = await audit.verify();
  assert.deepEqual(report.findings, []);
  assert.equal(report.rows, 46);
  assert.deepEqual(report.keyIds, [KEY.keyId]);
});
