import assert from "node:assert/strict";
import { seedRows } from "../../src/bench/seed.ts";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { createLog, type LogLevel } from "../../src/kernel/log.ts";
import { TableWriter } from "../../src/logs/mod.ts";
import { fill } from "../store/audit_fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/mod.ts";
import { command, type Result, spgov } from "./spgov.ts";

let database: TestDatabase;
let home: string;
let sql: Pool;

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const HOUR = 3_600_000;

Deno.test.beforeAll(async () => {
  database = await createTestDatabase();
  home = await Deno.makeTempDir({ prefix: "spgov-lines-" });
  sql = openPool(database.owner, { max: 2, applicationName: "lines test" });
});

Deno.test.afterAll(async () => {
  await sql?.end();
  await database?.drop();
  if (home) await Deno.remove(home, { recursive: true });
});

interface Said {
  readonly level: LogLevel;
  readonly module: string;
  readonly message: string;
  readonly hoursAgo?: number;
  readonly fields?: Record<string, unknown>;
}

async function say(...lines: readonly Said[]): Promise<void> {
  await sql`delete from logs`;
  const writer = new TableWriter({ sql, writer: "one/logs", onState: () => {} });
  writer.put(
    lines.map(({ level, module, message, hoursAgo = 0, fields }) => {
      let text = "";
      createLog({ module, level: "debug", write: (line) => void (text = line) })
        .about({ ...IDS, traceId: message.startsWith("traced") ? TRACE : "none" })[level](
          message,
          fields,
        );
      const ts = new Date(Date.now() - hoursAgo * HOUR).toISOString();
      return { ...JSON.parse(text), ts };
    }),
    1000,
  );
  await writer.close(5000);
}

const IDS = {
  userId: "ada",
  sessionId: "s-1",
  taskId: "t-1",
  traceId: "none",
  contextId: "c-1",
  clientId: "k-1",
};

const logs = (...args: string[]): Promise<Result> =>
  spgov(["infra", "logs", ...args, "--home", home], { env: { DATABASE_URL: database.url } });

// deno-lint-ignore no-explicit-any
async function json(...args: string[]): Promise<any> {
  const { stdout, stderr, code } = await logs(...args, "--json");
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout).data;
}

const EVIL = 'evil "quoted", =1+1\nnext \u001b[2J\u202e';

const messages = (data: { logs: { message: string }[] }) => data.logs.map(({ message }) => message);

Deno.test("view, search, show and summary find what is there, and nothing else", async () => {
  await say(
    { level: "info", module: "http", message: "started", hoursAgo: 50 },
    { level: "debug", module: "mcp", message: "a detail" },
    { level: "warn", module: "mcp", message: "traced: upstream is slow", fields: { ms: 9000 } },
    { level: "error", module: "audit", message: EVIL, fields: { cause: "100% of it_all" } },
  );
  assert.deepEqual(messages(await json("view")), [
    "started",
    "a detail",
    "traced: upstream is slow",
    EVIL,
  ]);
  assert.deepEqual(messages(await json("view", "--level", "warn")), [
    "traced: upstream is slow",
    EVIL,
  ]);
  assert.deepEqual(messages(await json("view", "--module", "mcp", "-n", "1")), [
    "traced: upstream is slow",
  ]);
  assert.deepEqual(messages(await json("view", "--tail", "1")), [EVIL]);
  assert.deepEqual(messages(await json("view", "--since", "1h", "--until", "0s")).length, 3);
  const [line] = (await json("view", "--trace", TRACE)).logs;
  assert.equal(line.client_id, "k-1");
  assert.deepEqual(line.fields, { ms: 9000 });
  const shown = (await logs("view")).stdout;
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(shown, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  assert.equal(shown.trim().split("\n").length, 4, "one line each");

  assert.deepEqual(messages(await json("search", "UPSTREAM")), ["traced: upstream is slow"]);
  assert.deepEqual(
    messages(await json("search", "9000")),
    ["traced: upstream is slow"],
    "in fields",
  );
  assert.deepEqual(messages(await json("search", "%")), [EVIL], "no pattern but a text");
  assert.deepEqual(messages(await json("search", "t_a")), [EVIL]);
  await fill(sql, "one/gateway-0", 1, 1, { target: "mcp:files/read_upstream" });
  const found = await json("search", "upstream");
  assert.equal(found.tool_count, 1);
  assert.equal(found.tools[0].tool_name, "read_upstream");
  assert.equal((await json("search", "upstream", "--no-include-tools")).tool_count, 0);

  assert.deepEqual(await json("show", line.id), line);
  assert.deepEqual((await json("show", TRACE.slice(0, 8))).logs, [line]);
  assert.equal((await logs("show", "ffff")).code, 3);
  assert.equal((await logs("show", "%")).code, 3);
  const summary = await json("summary");
  assert.equal(summary.total_logs, 4);
  assert.deepEqual(summary.by_level, { error: 1, warn: 1, info: 1, debug: 1 });
  assert.deepEqual(summary.top_modules[0], { module: "mcp", count: 2 });
  assert.equal((await json("summary", "--since", "1h")).total_logs, 3);
});

Deno.test("cleanup and delete remove lines and no row, ask first, say what, and are recorded", async () => {
  await say(
    { level: "info", module: "a", message: "old", hoursAgo: 30 },
    { level: "error", module: "a", message: "old, too", hoursAgo: 30 },
    { level: "info", module: "b", message: "new" },
  );
  const rows = async () =>
    (await sql`select count(*) as count from audit where kind = 'admin'`)[0]?.count;
  const before = await rows();
  assert.equal((await logs("cleanup")).code, 2);
  assert.equal((await logs("cleanup", "--older-than", "1d", "--keep-last-days", "1")).code, 2);
  assert.equal((await logs("cleanup", "--older-than", "24h")).code, 2, "nobody to ask");
  const dry = await json("cleanup", "--older-than", "24h", "--dry-run");
  assert.equal(dry.would_delete, 2);
  assert.equal(dry.deleted_count, 0);
  assert.equal((await json("view")).total, 3);
  const some = await json("cleanup", "--keep-last-days", "1", "--level", "warn", "-y");
  assert.equal(some.deleted_count, 1);
  assert.deepEqual(messages(await json("view")), ["old", "new"]);
  assert.equal((await json("delete", "--yes")).deleted_count, 2);
  assert.equal((await json("view")).total, 0);
  assert.equal(await rows(), before + 2, "each is recorded");
});

Deno.test("levels are set, listed and cleared; nonsense is refused", async () => {
  assert.equal((await json("level", "set", "mcp", "debug", "--for", "15m")).level, "debug");
  await json("level", "set", "*", "warn");
  const { levels } = await json("level", "list");
  const all = levels.find(({ module }: { module: string }) => module === "*");
  assert.equal(all.level, "warn");
  const mcp = levels.find(({ module }: { module: string }) => module === "mcp");
  assert.ok(Date.parse(mcp.until) > Date.now() + 14 * 60_000);
  await json("level", "clear", "mcp");
  assert.equal((await logs("level", "clear", "mcp")).code, 3);
  assert.equal((await logs("level", "set", "mcp", "loud")).code, 2);
  assert.equal((await logs("level", "set", "M C P", "info")).code, 2);
  await json("level", "clear", "*");
});

Deno.test("export: JSON, lines, CSV that no spreadsheet runs, ECS and OCSF", async () => {
  await say(
    { level: "info", module: "a", message: EVIL },
    { level: "warn", module: "b", message: '=HYPERLINK("http://x")', fields: { x: "@a" } },
  );
  const array = JSON.parse((await logs("export", "--source", "logs", "--format", "json")).stdout);
  assert.deepEqual(array.map(({ message }: { message: string }) => message).sort(), [
    '=HYPERLINK("http://x")',
    EVIL,
  ]);
  const lines = (await logs("export", "--level", "warn", "-f", "jsonl")).stdout.trim().split("\n");
  assert.equal(lines.length, 1);
  assert.equal(JSON.parse(lines[0] ?? "").trace_id, "none");
  const { stdout: csv } = await logs("export", "--source", "logs", "--format", "csv");
  assert.match(csv, /^id,timestamp,level,isolate,module,message,user_id,session_id,/);
  assert.match(csv, /,"'=HYPERLINK\(""http:\/\/x""\)",/);
  assert.match(csv, /,"evil ""quoted"", =1\+1\nnext /);
  const [ecs] = JSON.parse(
    `[${(await logs("export", "--format", "ecs", "--limit", "1")).stdout.trim() || "null"}]`,
  );
  assert.equal(ecs, null, "rows take no limit");
  const first = (await logs("export", "--format", "ecs")).stdout.split("\n")[0] ?? "";
  assert.equal(JSON.parse(first).ecs.version, "8.17.0");
  const ocsf = (await logs("export", "--format", "ocsf")).stdout.split("\n")[0] ?? "";
  assert.equal(JSON.parse(ocsf).class_uid, 6003);
  assert.deepEqual(
    JSON.parse((await logs("export", "--source", "logs", "--module", "none", "-f", "json")).stdout),
    [],
  );
  assert.equal((await logs("export", "--source", "logs", "--format", "bundle")).code, 2);
  assert.equal((await logs("export", "--resume")).code, 2);
});

Deno.test("an export that is killed goes on where it was, and comes to the same", async () => {
  await seedRows(sql, 120_000, () => {});
  const path = `${home}/rows.jsonl`;
  const args = ["infra", "logs", "export", "--format", "jsonl", "--home", home, "--output"];
  const env = { DATABASE_URL: database.url };
  const child = command([...args, path], { env }).spawn();
  for (const end = Date.now() + 60_000;;) {
    if (await Deno.stat(`${path}.part.json`).catch(() => undefined)) break;
    assert.ok(Date.now() < end, "it says how far it is");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.kill("SIGKILL");
  await Promise.all([
    child.status,
    child.stdout.cancel(),
    child.stderr.cancel(),
    child.stdin.close(),
  ]);
  assert.equal(await Deno.stat(path).catch(() => undefined), undefined, "never half a file");
  const { position, bytes } = JSON.parse(await Deno.readTextFile(`${path}.part.json`));
  assert.ok(position.rows > 0 && position.rows < 120_000 && bytes > 0);
  // As a crash of the host could leave it.
  await Deno.writeTextFile(`${path}.part`, "{half a li", { append: true });
  const other = await spgov([...args, path, "--resume", "--session", "x"], { env });
  assert.equal(other.code, 5, "begun with other flags");
  const { code, stderr } = await spgov([...args, path, "--resume"], { env });
  assert.equal(code, 0, stderr);
  const whole = `${home}/whole.jsonl`;
  assert.equal((await spgov([...args, whole], { env })).code, 0);
  const [resumed, once] = await Promise.all([path, whole].map((file) => Deno.readTextFile(file)));
  assert.ok(resumed === once && (once?.length ?? 0) > 1_000_000);
  assert.equal(await Deno.stat(`${path}.part`).catch(() => undefined), undefined);
  assert.equal((await spgov([...args, `${home}/none`, "--resume"], { env })).code, 3);
});
