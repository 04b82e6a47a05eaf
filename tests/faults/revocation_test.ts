/** What ends somebody's right to call counts on every gateway of every replica, on streams too, in under a second. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { appendRows, eventRow } from "../../src/audit/mod.ts";
import { openPool, type Pool } from "../../src/db/mod.ts";
import {
  addBan,
  assignRoles,
  createApiKey,
  createServiceAccount,
  deleteUser,
  endSessions,
  type IdentityContext,
  LOCAL_OPERATOR,
  type MadeApiKey,
  revokeApiKey,
  updateUser,
} from "../../src/identity/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { toolCall } from "../support/fault_load.ts";
import { fixture, modern, openSession } from "../support/mcp_http.ts";
import { type OwnPostgres, startOwnPostgres } from "../support/own_postgres.ts";
import { startService, type TestService } from "../support/service.ts";

/** Milliseconds that a revocation may take before the test fails; what it took is printed. */
const DEADLINE_MS = 10_000;
/** Connections of their own: the kernel spreads them over the gateways of a replica. */
const CONNECTIONS = 8;

let postgres: OwnPostgres;
let replicas: readonly TestService[] = [];
let sql: Pool;
let context: IdentityContext;

Deno.test.beforeAll(async () => {
  postgres = await startOwnPostgres();
  const common = { database: { url: postgres.url }, gateways: 2, callsPerWindow: 100_000 };
  const first = await startService({ ...common, prepare: addServer });
  const key = await Deno.readFile(join(first.home, "keys", "master.key"));
  const second = await startService({
    ...common,
    async prepare(home) {
      await addServer(home);
      await Deno.mkdir(join(home, "keys"), { mode: 0o700 });
      await Deno.writeFile(join(home, "keys", "master.key"), key, { mode: 0o600 });
    },
  });
  replicas = [first, second];
  sql = openPool(first.database, { max: 2, applicationName: "revocation test" });
  context = {
    sql,
    clock: systemClock,
    record: (transaction, events) =>
      appendRows(transaction, "test", events.map((event) => eventRow(event, Date.now()))),
  };
});
Deno.test.afterAll(async () => {
  await sql.end({ timeout: 2 });
  for (const replica of replicas) await replica.stop();
  await postgres.stop();
});

async function addServer(home: string): Promise<void> {
  const server = { name: "fix", transport: "stdio", ...fixture() };
  const { command, args } = server;
  const text = JSON.stringify({ name: "fix", transport: "stdio", command, args });
  await Deno.writeTextFile(`${home}/services/mcp/fix.yaml`, text);
}

/** What a revocation took stands in the output of the test. */
function report(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

let made = 0;

async function newKey(): Promise<MadeApiKey> {
  const account = await createServiceAccount(context, LOCAL_OPERATOR, { name: `bot-${++made}` });
  return await createApiKey(context, LOCAL_OPERATOR, {
    userId: account.id,
    name: "key",
    audiences: ["hook", "api", "mcp"],
    scopes: ["*"],
    device: `runner-${made}`,
  });
}

/** Policies of one call over each of several connections, to both replicas. */
async function callAll(key: string): Promise<string[]> {
  return await Promise.all(
    replicas.flatMap((replica) =>
      Array.from({ length: CONNECTIONS }, async (_, i) => {
        const body = toolCall(`${i}-${crypto.randomUUID()}`, "s", { file_path: "/tmp/notes" });
        const answer = await replica.govern(key, body, { connection: "close" });
        return answer.headers.get("policy") ?? "none";
      })
    ),
  );
}

const ENDS: Readonly<Record<string, (key: MadeApiKey) => Promise<unknown>>> = {
  "a revoked key": ({ key }) => revokeApiKey(context, LOCAL_OPERATOR, key),
  "an ended session": ({ key }) => endSessions(context, LOCAL_OPERATOR, { id: key.sessionId }),
  "a suspended user": ({ key }) =>
    updateUser(context, LOCAL_OPERATOR, key.userId, { status: "suspended" }),
  "a deleted user": ({ key }) => deleteUser(context, LOCAL_OPERATOR, key.userId),
  "a withdrawn role": ({ key }) => assignRoles(context, LOCAL_OPERATOR, key.userId, ["anonymous"]),
  "a banned user": ({ key }) =>
    addBan(context, LOCAL_OPERATOR, { kind: "user", subject: key.userId, reason: "test" }),
  "a banned device": ({ key }) =>
    addBan(context, LOCAL_OPERATOR, {
      ...{ kind: "device", subject: key.device ?? "", reason: "test" },
    }),
};

for (const [name, end] of Object.entries(ENDS)) {
  Deno.test(`${name} counts on all gateways of both replicas`, async () => {
    const key = await newKey();
    const before = await callAll(key.text);
    assert.deepEqual([...new Set(before)], ["default_allow"]);
    await end(key);
    const start = performance.now();
    let policies: string[];
    do {
      policies = await callAll(key.text);
      assert.ok(performance.now() - start < DEADLINE_MS, `${name}: still ${policies.join()}`);
    } while (policies.some((policy) => policy !== "auth_failure"));
    report(`${name}: everywhere after ${Math.round(performance.now() - start)} ms`);
    // It stays so: nothing that was kept in memory comes back.
    assert.deepEqual([...new Set(await callAll(key.text))], ["auth_failure"]);
  });
}

Deno.test("a key opens an MCP server as its scopes say, and its stream ends with it", async () => {
  const key = await newKey();
  for (const replica of replicas) {
    const url = `${replica.url}/api/v1/mcp/fix/mcp`;
    const { reply } = await modern(url, key.text, "tools/call", {
      name: "echo",
      arguments: { a: 1 },
    });
    assert.equal(reply.result.content[0].text, '{"a":1}');
  }
  const account = await createServiceAccount(context, LOCAL_OPERATOR, { name: "narrow" });
  const narrow = await createApiKey(context, LOCAL_OPERATOR, {
    ...{ userId: account.id, name: "n", audiences: ["mcp"], scopes: ["other:use", "calls:tool"] },
  });
  const [first] = replicas;
  assert.ok(first);
  const url = `${first.url}/api/v1/mcp/fix/mcp`;
  const refused = await modern(url, narrow.text, "tools/call", { name: "echo" });
  assert.equal(refused.status, 403);
  const session = await openSession(url, key.text);
  const stream = await fetch(url, {
    headers: {
      authorization: `Bearer ${key.text}`,
      accept: "text/event-stream",
      "mcp-session-id": session.id,
      "mcp-protocol-version": "2025-11-25",
    },
  });
  assert.equal(stream.status, 200);
  const reader = stream.body?.getReader();
  const ended = (async () => {
    while (!(await reader?.read())?.done);
  })();
  await revokeApiKey(context, LOCAL_OPERATOR, key.key);
  const start = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("The stream goes on")), DEADLINE_MS);
  });
  await Promise.race([ended, late]).finally(() => clearTimeout(timer));
  report(`a stream: ended after ${Math.round(performance.now() - start)} ms`);
});

Deno.test("the use of a key is noted, with the address", async () => {
  const key = await newKey();
  await callAll(key.text);
  const until = Date.now() + 60_000;
  for (;;) {
    const [use] = await sql`select * from session_uses where session_id = ${key.key.sessionId}`;
    if (use) return assert.equal(use.address, "127.0.0.1");
    assert.ok(Date.now() < until, "the use was not written down");
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
});
