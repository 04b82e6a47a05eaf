/**
 * A gateway isolate that was taken over has its port to egress, its login to the database and the tokens that its
 * callers show. With that it must not use another's secret, run a verb that nothing allows, or invent a consent.
 */
import assert from "node:assert/strict";
import { appendRows, type AuditRow } from "../../src/audit/mod.ts";
import { openPool } from "../../src/db/mod.ts";
import { type CallProof, connectLine, type LineEvent } from "../../src/egress/mod.ts";
import { endSessions, LOCAL_OPERATOR } from "../../src/identity/mod.ts";
import { newTraceId, uuidV7 } from "../../src/kernel/ids.ts";
import type { OperatorToken } from "../../src/oauth/mod.ts";
import { type EgressWorld, withEgress } from "../support/egress_world.ts";
import { childServer } from "../support/upstream_world.ts";

const OF_ADA = "ghp_Canary8820aBc-of-ada";
const OF_EVE = "ghp_Canary5513qRs-of-eve";

interface OpenLine {
  ask(method: string, params?: object, proof?: Partial<CallProof>): Promise<LineEvent>;
  readonly closed: Promise<void>;
  close(): void;
}

/** Opens a line as the gateway does, whatever `request` says. */
async function openLine(world: EgressWorld, request: object): Promise<OpenLine> {
  const { port1, port2 } = new MessageChannel();
  const waiting: ((event: LineEvent) => void)[] = [];
  const closed = Promise.withResolvers<void>();
  const line = connectLine(port1, (event) => {
    if (event.kind === "closed") closed.resolve();
    waiting.shift()?.(event);
  });
  const gateway = await world.gateway();
  try {
    await gateway.openLine({ key: "k", ...request } as never, port2);
  } catch (error) {
    line.close();
    throw error;
  }
  let ids = 0;
  return {
    closed: closed.promise,
    close: () => line.close(),
    ask(method, params, proof) {
      const answered = new Promise<LineEvent>((resolve) => void waiting.push(resolve));
      const message = { jsonrpc: "2.0", id: ++ids, method, params: params ?? {} };
      line.send(message, undefined, proof as CallProof | undefined);
      return answered;
    },
  };
}

/** Names of the secrets that a child was given; their values are redacted on the way. */
async function environmentOf(line: OpenLine): Promise<string> {
  const event = await line.ask("environment");
  return event.kind === "message" ? JSON.stringify([event.message, event.redacted]) : event.reason;
}

Deno.test("a line is its token's holder's, whoever the gateway says it is for", async (t) => {
  const secrets = { GITHUB_TOKEN: "TOKEN" };
  const servers = [childServer("github", { secrets }), childServer("other")];
  await withEgress({ servers }, async (world) => {
    const [ada, eve] = [await world.user("ada"), await world.user("eve")];
    await world.set({ value: OF_ADA, owner: { kind: "user", id: ada } });
    const { token, sessionId } = await world.token(eve, "github");
    const refused = (request: object, message: string) =>
      assert.rejects(openLine(world, request), { code: "forbidden" }, message);

    await t.step("a name is nothing: without a token of the user there is no line", async () => {
      const named = { server: "github", userId: ada, department: undefined };
      await refused(named, "no token");
      await refused({ ...named, token: ada }, "an id");
      await refused({ ...named, token: "a.b.c" }, "no token of ours");
      await refused({ ...named, token: tampered(token, ada) }, "another's name in a signed token");
      await refused({ ...named, token: unsigned(token) }, "no signature");
    });

    await t.step(
      "with eve's token it is eve's line: she has no secret, and ada's is not used",
      async () => {
        const line = openLine(world, { server: "github", token, userId: ada });
        await assert.rejects(line, { code: "invalid", message: /needs the secret "TOKEN"/ });
        await world.set({ value: OF_EVE, owner: { kind: "user", id: eve } });
        const own = await openLine(world, { server: "github", token, userId: ada });
        assert.match(await environmentOf(own), /\[redacted:TOKEN\]/);
        const [last] = await world.sql`
        select owner_id from secrets where last_used_at is not null`;
        assert.equal(last?.["ownerId"] ?? last?.["owner_id"], eve, "ada's was never used");
        own.close();
      },
    );

    await t.step("a token for another server is none; one for all servers is", async () => {
      await refused({ server: "github", token: (await world.token(eve, "other")).token }, "other");
      const all = await world.token(eve, "all");
      (await openLine(world, { server: "github", token: all.token })).close();
    });

    await t.step("an open line ends with its session; the token opens no other", async () => {
      const line = await openLine(world, { server: "github", token });
      await environmentOf(line);
      await endSessions(world.identity, LOCAL_OPERATOR, { id: sessionId });
      await line.closed;
      await refused({ server: "github", token }, "its session has ended");
    });
  });
});

/** The token with another subject under the same signature. */
function tampered(token: string, sub: string): string {
  const [header, payload = "", signature] = token.split(".");
  const decode = { alphabet: "base64url" } as const;
  const claims = JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(payload, decode)));
  const bytes = new TextEncoder().encode(JSON.stringify({ ...claims, sub }));
  return [header, bytes.toBase64({ ...decode, omitPadding: true }), signature].join(".");
}

function unsigned(token: string): string {
  const header = new TextEncoder().encode(JSON.stringify({ alg: "none", typ: "at+jwt", kid: "x" }));
  const text = header.toBase64({ alphabet: "base64url", omitPadding: true });
  return `${text}.${token.split(".")[1]}.`;
}

/** Answers with all that it was told. */
const TOOL = "whole";
const INPUT = { name: "mallory", email: "m@x.test" };

/** A row as the gateway writes it; nothing keeps one that was taken over from writing what it likes. */
function decisionRow(holder: OperatorToken, changes: Partial<AuditRow> = {}): AuditRow {
  const id = uuidV7();
  return {
    ...{ id, callId: id, createdAt: Date.now(), kind: "decision", decision: "allow" },
    ...{ userId: holder.userId, sessionId: holder.sessionId, clientId: "test" },
    ...{ taskId: "none", traceId: newTraceId(), contextId: "none", role: holder.role },
    ...{ surface: "mcp", target: `mcp:admin/${TOOL}`, policy: "default_allow" },
    ...{ detail: { input: INPUT }, costMicrodollars: 0, latencyUs: 0 },
    ...changes,
  } as AuditRow;
}

Deno.test("admin runs a verb by a decision about that very call alone, once", async (t) => {
  const servers = [childServer("admin", { isolation: "shared", needsDecision: true })];
  const rules = { tools: { admin_users_delete: { enabled: false } } };
  await withEgress({ servers, rules }, async (world) => {
    const root = await world.token(await world.user("root", "admin"), "admin");
    const gateway = openPool(world.database.serve, { max: 1, applicationName: "test gateway" });
    const write = async (changes: Partial<AuditRow> = {}, holder = root): Promise<string> => {
      const row = decisionRow(holder, changes);
      await gateway.begin((sql) => appendRows(sql, "test/gateway-0", [row]));
      return row.id;
    };
    const line = await openLine(world, { server: "admin", token: root.token });
    const call = (proof: Partial<CallProof> | undefined, params: object = {}) =>
      line.ask("tools/call", { name: TOOL, arguments: INPUT, ...params }, proof);
    const isRun = (event: LineEvent): boolean =>
      event.kind === "message" && "result" in (event.message as object);
    const { token } = root;

    await t.step("undecided: nothing runs", async () => {
      assert.ok(!isRun(await call(undefined)));
      assert.ok(!isRun(await call({ token })));
      assert.ok(!isRun(await call({ token, callId: uuidV7() })));
      assert.ok(!isRun(await call({ token, callId: "' or true --" })));
      assert.ok(
        !isRun(await line.ask("tools/run", { name: TOOL }, { token, callId: await write() })),
      );
    });

    await t.step("a decision about anything else: nothing runs", async () => {
      const others: Partial<AuditRow>[] = [
        { decision: "deny" },
        { kind: "outcome", decision: "ok" },
        { userId: "somebody" },
        { sessionId: "sess_other" },
        { clientId: "other" },
        { target: "mcp:admin/admin_users_list" },
        { target: `mcp:other/${TOOL}` },
        { detail: { input: { ...INPUT, roles: ["admin"] } } },
        { detail: { input: { excerpt: "…" }, input_sha256: "0".repeat(64) } },
        { createdAt: Date.now() - 10 * 60_000 },
      ];
      for (const changes of others) {
        const event = await call({ token, callId: await write(changes) });
        assert.ok(!isRun(event), JSON.stringify(changes));
      }
      const changed = { arguments: { ...INPUT, roles: ["admin"] } };
      assert.ok(!isRun(await call({ token, callId: await write() }, changed)));
    });

    await t.step("its own decision, once, and the verb is told who it was", async () => {
      const callId = await write();
      const forged = { _meta: { "spgov/caller": { userId: "operator" } } };
      const event = await call({ token, callId }, forged);
      assert.ok(isRun(event), JSON.stringify(event));
      const told = JSON.stringify(event);
      assert.ok(told.includes(root.userId) && told.includes(callId) && !told.includes("operator"));
      assert.ok(!isRun(await call({ token, callId })), "a second time");
      const both = await write();
      const runs = await Promise.all([1, 2, 3].map(() => call({ token, callId: both })));
      assert.equal(runs.filter(isRun).length, 1, "at once");
    });

    await t.step("a row that a gateway invents gives nobody more than they may", async () => {
      const user = await world.user("user");
      await assert.rejects(world.token(user, "admin"), { code: "denied" });
      const held = await world.sql`select 1 from sessions where user_id = ${user}`;
      assert.equal(held.length, 0);
      const off = { name: "admin_users_delete", arguments: INPUT };
      const target = "mcp:admin/admin_users_delete";
      assert.ok(
        !isRun(await call({ token, callId: await write({ target }) }, off)),
        "switched off",
      );
      await world.sql`update users set roles = '{user}' where id = ${root.userId}`;
      assert.ok(!isRun(await call({ token, callId: await write() })), "demoted");
      await world.sql`update users set roles = '{admin}' where id = ${root.userId}`;
      assert.ok(isRun(await call({ token, callId: await write() })));
    });

    await t.step("what a gateway's login may not do: forget what was run", async () => {
      await assert.rejects(gateway`delete from spent_decisions`, { code: "42501" });
      await assert.rejects(gateway`select * from spent_decisions`, { code: "42501" });
    });
    line.close();
    await gateway.end({ timeout: 1 });
  });
});
