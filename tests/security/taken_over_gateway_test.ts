/**
 * A gateway isolate that was taken over has its port to egress, its login to the database and the tokens that its
 * callers show. With that it must not use another's secret, run a verb that nothing allows, or invent a consent.
 */
import assert from "node:assert/strict";
import { appendRows, type AuditRow } from "../../src/audit/mod.ts";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { type CallProof, connectLine, type LineEvent } from "../../src/egress/mod.ts";
import {
  type BrowserForm,
  endSessions,
  formToken,
  getUser,
  LOCAL_OPERATOR,
  openBrowserSession,
} from "../../src/identity/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { newTraceId, toHex, uuidV7 } from "../../src/kernel/ids.ts";
import { hashOpaque, newOpaque } from "../../src/kernel/opaque.ts";
import { resourcePath } from "../../src/kernel/resource_path.ts";
import { createInteractions, type OperatorToken } from "../../src/oauth/mod.ts";
import { type EgressWorld, ISSUER, withEgress } from "../support/egress_world.ts";
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

/** Somebody signed in at a browser, by the owner of the database: a session and the value of its cookie. */
async function signedIn(world: EgressWorld, userId: string): Promise<BrowserForm> {
  const user = await getUser(world.sql, userId);
  const origin = { address: "127.0.0.1", userAgent: "test" };
  const opened = await openBrowserSession(world.identity, user, "password", origin);
  assert.ok(opened);
  return { session: opened.token, formToken: formToken(opened.token) };
}

/** An authorization under way that asks for a server, as a gateway writes it; its id. */
async function beginAuthorization(gateway: Pool): Promise<string> {
  const never = () => Promise.reject(new Error("Nobody is asked here"));
  const consents = { next: never, complete: never };
  return await createInteractions({ sql: gateway, clock: systemClock, consents }).begin({
    client: {
      ...{ id: "https://evil.example/client", kind: "document", name: "Evil", uri: null },
      ...{ redirectUris: [REDIRECT], grantTypes: ["authorization_code"], authMethod: "none" },
      ...{ jwks: null, scopes: null, userId: null, introspects: false },
    },
    ...{ issuer: ISSUER, redirectUri: REDIRECT, state: "s", nonce: undefined },
    ...{ codeChallenge: "c".repeat(43), resource: ISSUER + resourcePath("github") },
    ...{ server: "github", scopes: ["github:use"], maxAge: undefined },
    ...{ askConsent: false, silent: false },
  });
}

const REDIRECT = "https://evil.example/callback";
const START = { provider: "corp", base: ISSUER, destination: "", fresh: true };

Deno.test("a consent takes a form of the person's own session, checked where codes are written", async (t) => {
  await withEgress({ servers: [childServer("github")] }, async (world) => {
    const gateway = openPool(world.database.serve, { max: 1, applicationName: "test gateway" });
    const egress = await world.gateway();
    const [ada, eve] = [await world.user("ada"), await world.user("eve")];
    const [hers, own] = [await signedIn(world, ada), await signedIn(world, eve)];
    const forbidden = { code: "42501" };
    const codes = async () => (await world.sql`select user_id from oauth_codes`).length;

    await t.step(
      "its login writes no session, no code, no consent, no device's answer",
      async () => {
        await assert.rejects(
          openBrowserSession(
            { ...world.identity, sql: gateway },
            await getUser(world.sql, ada),
            "password",
            { address: "127.0.0.1", userAgent: "test" },
          ),
          forbidden,
        );
        for (
          const statement of [
            "insert into oauth_codes (code_hash, user_id) values ('x', 'operator')",
            "insert into oauth_consents (user_id, client_id) values ('operator', 'evil')",
            "update oauth_consents set scopes = '{admin:use}'",
            "update oauth_device_codes set state = 'allowed', user_id = 'operator'",
            "insert into passwords (user_id, hash) values ('operator', 'x')",
            "insert into passkeys (id, user_id) values ('x', 'operator')",
            "insert into passkey_challenges (challenge) values ('old')",
            "select hash from passwords",
            "select * from sign_in_links",
            "update browser_sessions set session_id = 'x'",
          ]
        ) await assert.rejects(gateway.unsafe(statement), forbidden, statement);
      },
    );

    await t.step("egress takes no gateway's word for a person", async () => {
      const id = await beginAuthorization(gateway);
      const tries: Readonly<Record<string, object>> = {
        "a user's id": { userId: ada, sessionId: "sess_1", authTime: new Date(), role: "admin" },
        "no session": { session: "", formToken: "" },
        "an invented session": { session: newOpaque(), formToken: "x" },
        "what the database holds of it": {
          session: toHex(hashOpaque(hers.session)),
          formToken: "",
        },
        "a session without a form": { session: hers.session, formToken: "" },
        "the form of another session": { session: hers.session, formToken: own.formToken },
      };
      for (const [name, form] of Object.entries(tries)) {
        const settled = egress.complete(id, form as BrowserForm, { allow: true });
        await assert.rejects(settled, { code: "forbidden" }, name);
      }
      assert.match(await egress.next(id, undefined), /^\/sign-in/);
      assert.match(await egress.next(id, newOpaque()), /^\/sign-in/);
      assert.match(await egress.next(id, hers.session), /^\/consent/, "asked, not decided");
      assert.equal(await codes(), 0);
      const back = new URL(await egress.complete(id, hers, { allow: true }));
      assert.ok(back.searchParams.get("code"));
      const [code] = await world.sql<{ userId: string }[]>`select user_id from oauth_codes`;
      assert.equal(code?.userId, ada);
      await assert.rejects(egress.complete(id, hers, { allow: true }), { code: "not_found" });
    });

    await t.step("nor for who changes a credential", async () => {
      const passwords = { current: "", next: "lamp orbit velvet" };
      const origin = { address: "127.0.0.1", userAgent: "test" };
      const forged = { session: hers.session, formToken: own.formToken };
      const host = { host: "localhost", origin: "http://localhost:1" };
      const changes: readonly (() => Promise<unknown>)[] = [
        () => egress.changeOwnPassword(forged, passwords, origin),
        () => egress.beginRegistration(forged, host),
        () => egress.finishRegistration(forged, host, { name: "x", json: "{}" }),
        () => egress.removePasskey(forged, "x"),
        () => egress.beginFederated({ ...START, holder: new Uint8Array(32) }, forged),
      ];
      for (const change of changes) await assert.rejects(change(), { code: "forbidden" });
      assert.equal((await world.sql`select 1 from passwords`).length, 0);
    });
    await gateway.end({ timeout: 1 });
  });
});
