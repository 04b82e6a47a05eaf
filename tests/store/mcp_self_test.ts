/** What `self` reads: the rows of one subject, as the serving role sees the database. */
import assert from "node:assert/strict";
import { appendRows } from "../../src/audit/mod.ts";
import type { AuditRow } from "../../src/audit/mod.ts";
import { openPool } from "../../src/db/mod.ts";
import { lowestUuidV7, uuidV7 } from "../../src/kernel/ids.ts";
import {
  countCalls,
  listDenials,
  listWindows,
  measureLatency,
  type Subject,
} from "../../src/mcp/builtin/self_store.ts";
import { databaseForFile } from "../support/mod.ts";

const database = databaseForFile();
const HOUR = 3_600_000;

Deno.test("self reads one user's calls, of one agent where the token is bound to one", async () => {
  const { owner, serve } = database();
  const [all, sql] = [owner, serve].map((address) =>
    openPool(address, { max: 1, applicationName: "test" })
  );
  assert.ok(all && sql);
  try {
    await all`insert into users (id, name, email, roles) values
      ('ada', 'ada', 'ada@x.test', '{user}'), ('bob', 'bob', 'bob@x.test', '{user}')`;
    for (const [id, user] of [["s-ada", "ada"], ["s-old", "ada"], ["s-bob", "bob"]] as const) {
      await all`insert into sessions (id, user_id, client_id, audience, role, token_id, expires_at)
        values (${id}, ${user}, 'test', 'mcp', 'user', ${id}, now() + interval '1 hour')`;
    }
    const now = Date.now();
    await appendRows(all, "test", [
      row({ user: "ada", session: "s-ada", agent: "writer", target: "mcp:a/x" }, now),
      row({ user: "ada", session: "s-ada", agent: "reader", target: "mcp:a/y", deny: true }, now),
      row({ user: "ada", session: "s-old", agent: "writer", target: "mcp:a/x" }, now - 3 * HOUR),
      row({ user: "bob", session: "s-bob", agent: "writer", target: "mcp:b/x", deny: true }, now),
      // A row that names another's session is nobody's but its user's.
      row({ user: "bob", session: "s-ada", agent: "writer", target: "mcp:b/y", deny: true }, now),
    ]);
    const targets = async (subject: Subject, backMs: number) =>
      (await countCalls(sql, subject, { fromId: lowestUuidV7(now - backMs) }, 100))
        .map(({ target, calls }) => `${target} ${calls}`);
    const ada = { userId: "ada", agent: undefined };
    assert.deepEqual(await targets(ada, HOUR), ["mcp:a/x 1", "mcp:a/y 1"]);
    assert.deepEqual(await targets(ada, 24 * HOUR), ["mcp:a/x 2", "mcp:a/y 1"]);
    assert.deepEqual(await targets({ ...ada, agent: "writer" }, 24 * HOUR), ["mcp:a/x 2"]);
    assert.deepEqual(await targets({ ...ada, agent: "unknown" }, 24 * HOUR), []);
    assert.deepEqual(await targets({ userId: "nobody", agent: undefined }, 24 * HOUR), []);

    const period = { fromId: lowestUuidV7(now - 24 * HOUR) };
    const denied = await listDenials(sql, { ...ada, agent: "writer" }, period, 10);
    assert.deepEqual([...denied], [], "the reader's denial is not the writer's");
    const bobs = await listDenials(sql, { userId: "bob", agent: undefined }, period, 10);
    assert.deepEqual(
      bobs.map(({ target }) => target),
      ["mcp:b/x"],
      "another's session leads nowhere",
    );
    const latency = await measureLatency(sql, ada, period);
    assert.deepEqual([latency.calls, latency.decision.p50], [3, 250]);
    const none = await measureLatency(sql, { userId: "nobody", agent: undefined }, period);
    assert.deepEqual([none.calls, none.decision.p50], [0, null]);

    await all`insert into limit_windows (key, started_at, length_ms, used, cap) values
      ('open', now(), 60000, 7, 10), ('over', now() - interval '1 hour', 60000, 9, 10)`;
    const windows = await listWindows(sql, ["open", "over", "missing"]);
    assert.deepEqual(windows.map(({ key, used }) => [key, used]), [["open", 7]]);
  } finally {
    await Promise.all([all.end(), sql.end()]);
  }
});

interface Sketch {
  readonly user: string;
  readonly session: string;
  readonly agent: string;
  readonly target: string;
  readonly deny?: boolean;
}

function row({ user, session, agent, target, deny = false }: Sketch, at: number): AuditRow {
  const id = uuidV7(at);
  return {
    id,
    createdAt: at,
    kind: "decision",
    callId: id,
    userId: user,
    sessionId: session,
    taskId: "none",
    traceId: "none",
    contextId: "none",
    clientId: "test",
    role: "user",
    surface: "mcp",
    target,
    decision: deny ? "deny" : "allow",
    policy: deny ? "tool_blocklist" : "default_allow",
    detail: { agent },
    costMicrodollars: 0,
    latencyUs: 250,
  };
}
