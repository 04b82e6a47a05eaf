import assert from "node:assert/strict";
import { type AuditRow, AuditWriter, type Charge, type Entry } from "../../src/audit/mod.ts";
import { openPool, openSingle, type Pool } from "../../src/db/mod.ts";
import { type Clock, systemClock } from "../../src/kernel/clock.ts";
import { uuidV7 } from "../../src/kernel/ids.ts";
import { createLog, type Log } from "../../src/kernel/log.ts";
import { databaseForFile } from "../support/mod.ts";

const database = databaseForFile();
const silent: Log = createLog({ module: "test", write: () => {} });

function row(now: number, fields: Partial<AuditRow> = {}): AuditRow {
  const id = uuidV7(now);
  return {
    id,
    createdAt: now,
    kind: "decision",
    callId: id,
    userId: "u",
    sessionId: "s",
    taskId: "none",
    traceId: "t",
    contextId: "none",
    clientId: "c",
    role: "user",
    surface: "hook",
    target: "tool:Read",
    decision: "allow",
    policy: "default_allow",
    detail: { n: 1 },
    costMicrodollars: 0,
    latencyUs: 1,
    ...fields,
  };
}

function entry(writer: AuditWriter, charge?: Charge, fields: Partial<AuditRow> = {}): Entry {
  const allowed = row(writer.stamp(), fields);
  return {
    row: allowed,
    charges: charge ? [charge] : [],
    refuse: () => ({ ...allowed, decision: "deny", policy: "rate_limit" }),
  };
}

async function withWriters(
  names: readonly string[],
  test: (sql: Pool, writers: AuditWriter[]) => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> {
  const { owner, serve } = database();
  const sql = openPool(owner, { max: 2, applicationName: "test" });
  const writers: AuditWriter[] = [];
  try {
    for (const writer of names) {
      writers.push(
        await AuditWriter.open({
          writer,
          connect: () => openSingle(serve, { applicationName: writer }),
          clock,
          log: silent,
        }),
      );
    }
    await test(sql, writers);
  } finally {
    for (const writer of writers) await writer.close();
    await sql.end();
  }
}

function charge(key: string, cap: number): Charge {
  return { key, cap, lengthMs: 60_000, amount: 1 };
}

async function countRows(sql: Pool, sessionId: string): Promise<Record<string, number>> {
  const rows = await sql<{ decision: string; count: number }[]>`
    select decision, count(*) from audit where session_id = ${sessionId} group by 1`;
  return Object.fromEntries(rows.map(({ decision, count }) => [decision, count]));
}

Deno.test("AuditWriter makes concurrent rows durable in few batches, each with its leaf", async () => {
  await withWriters(["w/batch"], async (sql, [writer]) => {
    assert.ok(writer);
    const fields = { sessionId: "batch" };
    await Promise.all(
      Array.from({ length: 200 }, () => writer.commit(entry(writer, undefined, fields))),
    );
    assert.deepEqual(await countRows(sql, "batch"), { allow: 200 });
    const batches = await sql`select cardinality(row_ids) as rows, length(leaves) as bytes
                                from audit_batches where writer = 'w/batch'`;
    assert.equal(batches.reduce((sum, batch) => sum + batch.rows, 0), 200);
    assert.ok(batches.length < 20, `${batches.length} batches`);
    assert.ok(batches.every((batch) => batch.bytes === 32 * batch.rows));
  });
});

Deno.test("AuditWriter lets exactly the cap pass, over two writers at once", async () => {
  await withWriters(["w/a", "w/b"], async (sql, writers) => {
    const fields = { sessionId: "limit" };
    const calls = Array.from({ length: 800 }, (_, i) => {
      const writer = writers[i % 2];
      assert.ok(writer);
      return writer.commit(entry(writer, charge("calls:limit", 300), fields));
    });
    const results = await Promise.all(calls);
    assert.equal(results.filter((result) => !result.refusedBy).length, 300);
    assert.deepEqual(await countRows(sql, "limit"), { allow: 300, deny: 500 });
    const [window] = await sql`select used, cap from limit_windows where key = 'calls:limit'`;
    assert.deepEqual({ ...window }, { used: 300, cap: 300 });
  });
});

/** As if so much time had passed: the database's windows began earlier, and the writer's clock is ahead. */
async function passTime(sql: Pool, clock: { ahead: number }, key: string, ms: number) {
  clock.ahead += ms;
  await sql`update limit_windows set started_at = started_at - ${ms} * interval '1 ms'
             where key = ${key}`;
}

Deno.test("AuditWriter starts a new window after the one before ended, and not earlier", async () => {
  const time = { ahead: 0 };
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + time.ahead };
  await withWriters(["w/window"], async (sql, [writer]) => {
    assert.ok(writer);
    const limit = charge("calls:window", 2);
    const call = async () => (await writer.commit(entry(writer, limit))).refusedBy === undefined;
    assert.deepEqual([await call(), await call(), await call()], [true, true, false]);
    await passTime(sql, time, limit.key, limit.lengthMs / 2);
    assert.equal(await call(), false);
    await passTime(sql, time, limit.key, limit.lengthMs / 2);
    assert.deepEqual([await call(), await call(), await call()], [true, true, false]);
    const [window] = await sql`select used from limit_windows where key = ${limit.key}`;
    assert.equal(window?.used, 2);
  }, clock);
});

Deno.test("AuditWriter asks the database when it believes a window over that is not", async () => {
  const time = { ahead: 0 };
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + time.ahead };
  await withWriters(["w/early"], async (_sql, [writer]) => {
    assert.ok(writer);
    const limit = charge("calls:early", 2);
    const call = async () => (await writer.commit(entry(writer, limit))).refusedBy === undefined;
    assert.deepEqual([await call(), await call()], [true, true]);
    time.ahead += limit.lengthMs;
    assert.equal(await call(), false);
  }, clock);
});

Deno.test("AuditWriter answers what is left of a window", async () => {
  await withWriters(["w/left"], async (_sql, [writer]) => {
    assert.ok(writer);
    const results = await Promise.all(
      [1, 2, 3].map(() => writer.commit(entry(writer, charge("calls:left", 2)))),
    );
    assert.deepEqual(results.map(({ windows }) => windows[0]?.remaining), [1, 0, 0]);
    assert.ok(results.every(({ windows }) => (windows[0]?.resetMs ?? 0) > 50_000));
  });
});

Deno.test("AuditWriter refuses only the row that the database refuses", async () => {
  await withWriters(["w/poison"], async (sql, [writer]) => {
    assert.ok(writer);
    const fields = { sessionId: "poison" };
    const good = Array.from({ length: 20 }, () => writer.commit(entry(writer, undefined, fields)));
    const refused = [{ costMicrodollars: 1e300 }, { detail: { n: Infinity } }].map((bad) =>
      assert.rejects(writer.commit(entry(writer, undefined, { ...fields, ...bad })), {
        code: "invalid",
      })
    );
    const more = Array.from({ length: 20 }, () => writer.commit(entry(writer, undefined, fields)));
    await Promise.all([...refused, ...good, ...more]);
    assert.deepEqual(await countRows(sql, "poison"), { allow: 40 });
  });
});

Deno.test("AuditWriter stores NUL and lone surrogates as visible text", async () => {
  await withWriters(["w/text"], async (sql, [writer]) => {
    assert.ok(writer);
    const call = entry(writer, undefined, { detail: { text: "a\0b\ud800" } });
    await writer.commit(call);
    const [stored] = await sql`select detail from audit where id = ${call.row.id}`;
    assert.deepEqual(stored?.detail, { text: "a\\u0000b\\ud800" });
  });
});

Deno.test("AuditWriter that was taken over cannot append any more", async () => {
  await withWriters(["w/fence"], async (sql, [old]) => {
    assert.ok(old);
    await old.commit(entry(old, undefined, { sessionId: "fence" }));
    await withWriters(["w/fence"], async (_sql, [young]) => {
      assert.ok(young);
      await young.commit(entry(young, undefined, { sessionId: "fence" }));
      await assert.rejects(old.commit(entry(old, undefined, { sessionId: "fence" })), {
        code: "unavailable",
      });
      assert.equal(old.stats.state, "fenced");
    });
    assert.deepEqual(await countRows(sql, "fence"), { allow: 2 });
  });
});

for (const count of [20, 200]) {
  const name = `w/killed ${count}`;
  Deno.test(`AuditWriter survives its connection being killed under ${count} callers, and loses nothing it answered`, async () => {
    await withWriters([name], async (sql, [writer]) => {
      assert.ok(writer);
      const answered: string[] = [];
      let calling = true;
      const callers = Array.from({ length: count }, async () => {
        while (calling) {
          const call = entry(writer, undefined, { sessionId: name });
          const result = await writer.commit(call).catch(
            () => new Promise<void>((resolve) => setTimeout(resolve, 5)),
          );
          if (result) answered.push(call.row.id);
        }
      });
      for (let i = 0; i < 10; i++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${name}`;
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
      calling = false;
      await Promise.all(callers);
      const stored = await sql<{ id: string }[]>`select id from audit where session_id = ${name}`;
      const ids = new Set(stored.map(({ id }) => id));
      assert.equal(ids.size, stored.length);
      assert.ok(answered.length > 100, `${answered.length} answered`);
      assert.deepEqual(answered.filter((id) => !ids.has(id)), []);
      assert.equal(writer.stats.state, "ready");
    });
  });
}

/** Commits that the test decides about: what becomes of the first two depends on whether they are to arrive. */
function losing(pool: Pool, arriving: readonly boolean[]): Pool {
  const lost = () => Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  const both = Promise.withResolvers<void>();
  let sent = 0;
  return new Proxy(pool, {
    get(target, name) {
      if (name !== "unsafe") return Reflect.get(target, name);
      return async (...args: Parameters<Pool["unsafe"]>) => {
        const arrives = arriving[sent++];
        if (sent === arriving.length) both.resolve();
        if (arrives === undefined) return await target.unsafe(...args);
        if (arrives) await target.unsafe(...args);
        await both.promise;
        throw lost();
      };
    },
  });
}

for (
  const [name, arriving] of Object.entries({
    both: [true, true],
    first: [true, false],
    none: [false, false],
  })
) {
  Deno.test(`AuditWriter with two batches on a connection that is lost: ${name} arrived`, async () => {
    const { owner, serve } = database();
    const sql = openPool(owner, { max: 1, applicationName: "test" });
    const sessionId = `lost ${name}`;
    let connections = 0;
    const writer = await AuditWriter.open({
      writer: `w/lost ${name}`,
      connect: () => {
        const single = openSingle(serve, { applicationName: sessionId });
        return connections++ === 0 ? losing(single, arriving) : single;
      },
      clock: systemClock,
      log: silent,
    });
    try {
      const commit = () => writer.commit(entry(writer, charge(sessionId, 100), { sessionId }));
      const first = commit();
      await Promise.resolve();
      const behind = Array.from({ length: 40 }, commit);
      const results = await Promise.all([first, ...behind]);
      assert.equal(connections, 2);
      assert.ok(results.every(({ refusedBy }) => refusedBy === undefined));
      assert.deepEqual(await countRows(sql, sessionId), { allow: 41 });
      const [window] = await sql`select used from limit_windows where key = ${sessionId}`;
      assert.equal(window?.used, 41);
      await commit();
      assert.equal(writer.stats.state, "ready");
      assert.equal(writer.stats.rows, 42);
    } finally {
      await writer.close();
      await sql.end();
    }
  });
}

Deno.test("AuditWriter sends a batch behind another one, and refuses nothing for what might not arrive", async () => {
  const { owner, serve } = database();
  const sql = openPool(owner, { max: 1, applicationName: "test" });
  let running = 0;
  let most = 0;
  const writer = await AuditWriter.open({
    writer: "w/behind",
    connect: () => {
      const pool = openSingle(serve, { applicationName: "w/behind" });
      return new Proxy(pool, {
        get(target, name) {
          if (name !== "unsafe") return Reflect.get(target, name);
          return async (...args: Parameters<Pool["unsafe"]>) => {
            most = Math.max(most, ++running);
            return await target.unsafe(...args).finally(() => running--);
          };
        },
      });
    },
    clock: systemClock,
    log: silent,
  });
  try {
    const fields = { sessionId: "behind" };
    const commit = () => writer.commit(entry(writer, charge("calls:behind", 30), fields));
    const calls = [commit()];
    await Promise.resolve();
    for (let i = 0; i < 24; i++) calls.push(commit());
    assert.equal(running, 2);
    for (let i = 0; i < 24; i++) calls.push(commit());
    const results = await Promise.all(calls);
    assert.equal(most, 2);
    assert.deepEqual(await countRows(sql, "behind"), { allow: 30, deny: 19 });
    assert.ok(results.slice(0, 30).every(({ refusedBy }) => refusedBy === undefined));
  } finally {
    await writer.close();
    await sql.end();
  }
});

Deno.test("AuditWriter asks whether a batch is in when a broken pipe swallowed the answer", async () => {
  const { owner, serve } = database();
  const sql = openPool(owner, { max: 1, applicationName: "test" });
  let broken = 0;
  const breakOnce = (pool: Pool): Pool =>
    new Proxy(pool, {
      get(target, name) {
        if (name !== "unsafe" || broken > 0) return Reflect.get(target, name);
        return async (...args: Parameters<Pool["unsafe"]>) => {
          broken++;
          await target.unsafe(...args);
          throw Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
        };
      },
    });
  const writer = await AuditWriter.open({
    writer: "w/pipe",
    connect: () => breakOnce(openSingle(serve, { applicationName: "w/pipe" })),
    clock: systemClock,
    log: silent,
  });
  try {
    await writer.commit(entry(writer, undefined, { sessionId: "pipe" }));
    assert.equal(broken, 1);
    assert.equal(writer.stats.state, "ready");
    assert.deepEqual(await countRows(sql, "pipe"), { allow: 1 });
  } finally {
    await writer.close();
    await sql.end();
  }
});
