import assert from "node:assert/strict";
import { secretsConfig } from "../../src/governance/mod.ts";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { createLog, type LogLevels } from "../../src/kernel/log.ts";
import { createIsolateLog } from "../../src/kernel/log_isolate.ts";
import {
  cleanLines,
  createLineRedactor,
  findLine,
  followLines,
  listLines,
  LogHub,
  type LogLine,
  oldLinesOf,
  RotatingFile,
  TableWriter,
} from "../../src/logs/mod.ts";
import { databaseForFile } from "../support/mod.ts";

const database = databaseForFile();
const LEVELS: LogLevels = { level: "debug", modules: {} };
const TOKEN = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;

interface World {
  readonly sql: Pool;
  readonly printed: string[];
  readonly states: (string | undefined)[];
  readonly table: TableWriter;
  readonly hub: LogHub;
}

async function withHub(
  work: (world: World) => Promise<void>,
  { writer = "one/logs", address = database().logs, file = undefined as RotatingFile | undefined } =
    {},
): Promise<void> {
  const sql = openPool(address, { max: 2, applicationName: "logs test" });
  const printed: string[] = [];
  const states: (string | undefined)[] = [];
  const table = new TableWriter({ sql, writer, onState: (problem) => void states.push(problem) });
  const hub = new LogHub({
    redact: createLineRedactor(secretsConfig.parse({}), new Uint8Array(32)),
    print: (text) => void printed.push(text),
    file,
    table,
    tableLevel: "debug",
  }, LEVELS);
  try {
    await work({ sql, printed, states, table, hub });
  } finally {
    await hub.close();
    await table.close(2000);
    await sql.end({ timeout: 1 });
  }
}

/** A log whose lines the hub takes. */
function logOver(hub: LogHub, isolate: string) {
  const { port1, port2 } = new MessageChannel();
  hub.attach(isolate, port1);
  return createIsolateLog(isolate, LEVELS, port2);
}

async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + 10_000;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < end, "in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const linesWith = (sql: Pool, text: string): Promise<LogLine[]> =>
  listLines(sql, { text }, undefined, 100);

Deno.test("a line is printed and kept with every column, whatever characters it has", () =>
  withHub(async ({ sql, hub, printed }) => {
    const { log, outbox } = logOver(hub, "gateway-0");
    const odd = "nul \0 separator \u001e half \ud800 quote ' line\nfeed \u202e";
    log.of("mcp").about({
      userId: "ada",
      sessionId: "s",
      taskId: "t",
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      contextId: "c",
      clientId: "k",
    }).error(`odd ${odd}`, { odd, [odd]: [1, { deep: odd }] });
    const [line] = await until(async () => {
      const lines = await linesWith(sql, "odd nul");
      return lines.length === 1 && lines;
    });
    assert.ok(line);
    assert.equal(line.module, "mcp");
    assert.equal(line.isolate, "gateway-0");
    assert.equal(line.level, "error");
    assert.equal(line.traceId, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert.equal(line.clientId, "k");
    assert.match(line.message, /nul \\u0000 separator \\u001e half .* line\nfeed/);
    assert.equal(Object.keys(line.fields).length, 2);
    assert.deepEqual(await findLine(sql, line.id), line);
    assert.equal(printed.join("").trim().split("\n").length, 1, "one line on the console");
    await outbox.flush();
    outbox.close();
  }));

Deno.test("a credential reaches neither the console, the file nor the table", async () => {
  const folder = await Deno.makeTempDir();
  const problems: string[] = [];
  const path = `${folder}/spgov.log`;
  const onProblem = (problem: string) => void problems.push(problem);
  const file = new RotatingFile({ path, maxBytes: 1_000_000, keep: 1, onProblem });
  await withHub(async ({ sql, hub, printed }) => {
    const { log, outbox } = logOver(hub, "egress");
    log.warn(`Cannot reach https://me:${TOKEN}@example.org`, { cause: `bearer ${TOKEN}` });
    log.warn("beside it", { header: { authorization: `token ${TOKEN}` } });
    await until(async () => (await linesWith(sql, "beside it")).length === 1);
    await outbox.flush();
    outbox.close();
    const kept = JSON.stringify(await listLines(sql, { module: "egress" }, undefined, 10));
    for (const text of [kept, printed.join(""), await Deno.readTextFile(path)]) {
      assert.ok(!text.includes(TOKEN) && !text.includes(TOKEN.slice(4, 20)), text);
      assert.match(text, /\[redacted:/);
    }
  }, { file });
  assert.deepEqual(problems, []);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("what is no line of ours is counted and goes nowhere", () =>
  withHub(async ({ sql, hub, printed }) => {
    const { port1, port2 } = new MessageChannel();
    hub.attach("stranger", port1);
    const line = createLineText("a good one");
    const text = `no json\n{"level":"loud","message":"x"}\n[]\nnull\n{}\n${line}`;
    const taken = new Promise((resolve) =>
      port2.onmessage = ({ data }) => "taken" in data && resolve(data.taken)
    );
    port2.postMessage({ number: 7, text, printed: false });
    assert.equal(await taken, 7);
    assert.equal(hub.malformed, 5);
    await until(async () => (await linesWith(sql, "a good one")).length === 1);
    assert.equal(printed.join(""), line);
    port2.close();
  }));

function createLineText(message: string): string {
  let text = "";
  createLog({ module: "test", write: (line) => void (text = line) }).info(message);
  return text;
}

Deno.test("two replicas number their own lines without a gap, and a reader misses none of either", () =>
  withHub(async ({ sql, hub }) => {
    const stop = new AbortController();
    const seen: string[] = [];
    const ready = Promise.withResolvers<void>();
    const reading = (async () => {
      const options = { signal: stop.signal, everyMs: 20, onReady: ready.resolve };
      for await (const line of followLines(sql, options)) seen.push(line.message);
    })();
    await ready.promise;
    await withHub(async ({ hub: second }) => {
      const logs = [logOver(hub, "gateway-0"), logOver(second, "gateway-0")];
      for (let i = 0; i < 3000; i++) {
        logs.forEach(({ log }, replica) => log.debug(`${replica}:${i}`));
      }
      await until(async () => await Promise.resolve(seen.length === 6000));
      for (const { outbox } of logs) {
        await outbox.flush();
        outbox.close();
      }
    }, { writer: "two/logs" });
    stop.abort();
    await reading;
    for (const replica of ["0", "1"]) {
      const mine = seen.filter((message) => message.startsWith(`${replica}:`));
      assert.deepEqual(
        mine,
        Array.from({ length: 3000 }, (_, i) => `${replica}:${i}`),
        "in order, once",
      );
    }
    const [gaps] = await sql`
      select count(*) as rows, count(distinct n) as numbers, max(n) as newest from logs where writer = 'two/logs'`;
    assert.deepEqual({ ...gaps }, { rows: 3000, numbers: 3000, newest: 3000 });
  }));

Deno.test("lines wait while the database is away, and one that it refuses does not hold up the others", () =>
  withHub(async ({ sql, table, states }) => {
    const owner = openPool(database().owner, { max: 1, applicationName: "logs test owner" });
    try {
      await owner`alter table logs rename to logs_away`;
      const line = JSON.parse(createLineText("waited"));
      table.put([line], 400);
      await until(() => Promise.resolve(states.length === 1));
      await owner`alter table logs_away rename to logs`;
      await until(async () => (await linesWith(sql, "waited")).length === 1);
      await until(() => Promise.resolve(states.length === 2 && states[1] === undefined));
      const good = JSON.parse(createLineText("beside a bad one"));
      table.put([good, { ...good, ts: "not a time" }, good], 1200);
      await until(async () => (await linesWith(sql, "beside a bad one")).length === 2);
      await until(() => Promise.resolve(table.refused === 1));
    } finally {
      await owner.end();
    }
  }));

Deno.test("the isolate's login appends and reads lines; it changes none, and appends nothing to the audit", () =>
  withHub(async ({ sql }) => {
    for (
      const statement of [
        "delete from logs",
        "update logs set message = ''",
        "truncate logs",
        "delete from log_levels",
        "insert into audit_head values ('x', 0, 0, '', now(), gen_random_uuid())",
        "select * from secrets",
        "select * from users",
      ]
    ) {
      await assert.rejects(sql.unsafe(statement), /permission denied/, statement);
    }
    assert.ok(Array.isArray(await sql`select 1 from audit limit 1`));
  }));

Deno.test("retention goes by level; what a collector waits for stays longer", async () => {
  const owner = openPool(database().owner, { max: 1, applicationName: "logs test owner" });
  const day = 86_400_000;
  const now = Date.now();
  const retention = { debug: 1, info: 7, warn: 30, error: 90, waiting: 7 };
  try {
    await owner`delete from logs`;
    const table = new TableWriter({ sql: owner, writer: "old/logs", onState: () => {} });
    const ages = { debug: [0, 2, 9], info: [6, 8, 15], warn: [29, 31, 38], error: [89, 91, 98] };
    for (const [level, days] of Object.entries(ages)) {
      table.put(
        days.map((age) => ({
          ...JSON.parse(createLineText(`${level} ${age}`)),
          level,
          ts: new Date(now - age * day).toISOString(),
        })),
        1200,
      );
    }
    await table.close(5000);
    const left = async () =>
      (await listLines(owner, {}, undefined, 100)).map(({ message }) => message).sort();
    // A collector that took nothing yet.
    await owner`insert into log_sinks (name, has_lines) values ('siem', true)`;
    const removed = await cleanLines(owner, oldLinesOf(retention, now));
    assert.deepEqual(removed, { debug: 1, info: 1, warn: 1, error: 1 });
    assert.deepEqual(
      await left(),
      ["debug 0", "debug 2", "error 89", "error 91", "info 6", "info 8", "warn 29", "warn 31"],
    );
    await owner`
      insert into log_cursors (sink, source, writer, position) values ('siem', 'logs', 'old/logs', 12)`;
    await cleanLines(owner, oldLinesOf(retention, now));
    assert.deepEqual(await left(), ["debug 0", "error 89", "info 6", "warn 29"]);
  } finally {
    await owner.end();
  }
});

Deno.test("a full file is renamed, lines are never split, old files go, and a broken disk is said once", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/spgov.log`;
  const problems: string[] = [];
  const onProblem = (problem: string) => void problems.push(problem);
  const file = new RotatingFile({ path, maxBytes: 100, keep: 2, onProblem });
  const write = (text: string) => file.write(new TextEncoder().encode(text));
  for (let i = 0; i < 12; i++) write(`${String(i).padStart(39, "0")}\n`);
  const read = async (name: string) =>
    (await Deno.readTextFile(name)).trim().split("\n").map(Number);
  assert.deepEqual(await read(path), [10, 11]);
  assert.deepEqual(await read(`${path}.1`), [8, 9]);
  assert.deepEqual(await read(`${path}.2`), [6, 7]);
  assert.equal((await Array.fromAsync(Deno.readDir(folder))).length, 3);
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  file.close();
  await Deno.remove(folder, { recursive: true });
  write("lost\n");
  write("lost\n");
  assert.equal(problems.length, 1);
  await Deno.mkdir(folder);
  write("back\n");
  file.close();
  assert.equal(await Deno.readTextFile(path), "back\n");
  await Deno.remove(folder, { recursive: true });
});
