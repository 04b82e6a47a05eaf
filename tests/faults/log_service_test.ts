import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import { startHttpPeer } from "../support/log_peers.ts";
import { startService, type TestService } from "../support/service.ts";

const SECRET = "hec-credential-0123456789";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

/** A profile whose events go to `url`, and whose lines go to a file as well. */
async function configure(home: string, url: string): Promise<void> {
  const path = `${home}/profiles/local/profile.yaml`;
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(
    path,
    `${text.replace(/^log:.*\n/m, "")}log:
  level: info
  file: { path: logs/lines.log }
  sinks:
    - { name: siem, type: splunk, url: "${url}", secret: HEC, sources: [audit, logs], level: debug,
        start: beginning, timeout_ms: 5000 }
`,
  );
}

async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + 60_000;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < end, `in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function call(service: TestService, token: string, i: number): Promise<unknown> {
  return service.govern(token, {
    hook_event_name: "PreToolUse",
    tool_name: "Read",
    tool_input: { file_path: `/tmp/${i}` },
  }, { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` });
}

Deno.test("the running service: lines kept, levels set while running, events sent with the vault's credential, none lost by kill -9", async () => {
  let isHolding = false;
  const held = Promise.withResolvers<void>();
  await using peer = startHttpPeer(() =>
    isHolding ? held.promise.then(() => Response.json({ code: 0 })) : Response.json({ code: 0 })
  );
  const service = await startService({
    database: "embedded",
    prepare: (home) => configure(home, peer.url),
  });
  const sql = openPool(service.database, { max: 1, applicationName: "log service test" });
  // deno-lint-ignore no-explicit-any
  const events = (): any[] =>
    peer.received.flatMap(({ body }) => body.trim().split("\n")).map((line) =>
      JSON.parse(line).event
    );
  try {
    const token = await service.token();
    const waiting = await service.cli("infra", "logs", "sinks", "list", "--json");
    assert.match(waiting.stdout, /"siem"/);
    assert.equal(peer.received.length, 0, "without its credential it is sent nothing");
    const set = await service.pipe(
      SECRET,
      "cloud",
      "secrets",
      "set",
      "HEC",
      "--server",
      "log.siem",
    );
    assert.equal(set.code, 0, set.stderr);

    assert.equal(
      (await service.cli("infra", "logs", "level", "set", "governance", "debug")).code,
      0,
    );
    const line = await until("a line of a decision", async () => {
      await call(service, token, 0);
      const { stdout } = await service.cli("infra", "logs", "view", "--trace", TRACE, "--json");
      return JSON.parse(stdout).data.logs[0];
    });
    assert.equal(line.module, "governance");
    assert.equal(line.isolate, "gateway-0");
    assert.equal(line.fields.outcome, "allow");
    const row18 = await sql`select * from audit where id = ${line.fields.id}`;
    for (const id of ["userId", "sessionId", "taskId", "traceId", "contextId", "clientId"]) {
      const column = id.replace("Id", "_id");
      assert.equal(line[column], row18[0]?.[id], `${column} is that of the row`);
    }
    assert.match(await Deno.readTextFile(`${service.home}/logs/lines.log`), /A call was decided/);

    await until("an event", () => Promise.resolve(events().some(({ id }) => id === line.id)));
    for (const { headers } of peer.received) {
      assert.equal(headers.get("authorization"), `Splunk ${SECRET}`);
    }
    const row = events().find(({ source, trace_id }) => source === "audit" && trace_id === TRACE);
    assert.equal(row?.decision, "allow");

    // It took them and does not say so: whoever asks is killed between sending and its cursor.
    isHolding = true;
    const before = peer.received.length;
    await Promise.all(Array.from({ length: 50 }, (_, i) => call(service, token, i)));
    await until("a request under way", () => Promise.resolve(peer.received.length > before));
    await service.restart("SIGKILL");
    isHolding = false;
    await Promise.all(Array.from({ length: 20 }, (_, i) => call(service, token, i)));
    const ids = await until("every row and line", async () => {
      const rows = await sql`select id from audit union all select id from logs`;
      const got = new Set(events().map(({ id }) => id));
      return rows.every(({ id }) => got.has(id)) && rows.length > 70 && got;
    });
    assert.ok(ids.size > 0);

    const { stdout } = await service.cli("infra", "services", "permissions", "--json");
    const { host } = new URL(peer.url);
    const { isolates = JSON.parse(stdout).data } = JSON.parse(stdout).data;
    const text = JSON.stringify(isolates);
    assert.equal(text.split(host).length - 1, 1, "one isolate may reach it");
    assert.ok(!service.logs().includes(SECRET));
    assert.ok(!(await Deno.readTextFile(`${service.home}/logs/lines.log`)).includes(SECRET));
  } finally {
    held.resolve();
    await sql.end({ timeout: 1 });
    await service.stop();
  }
});
