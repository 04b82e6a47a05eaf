import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import {
  addBan,
  closeBrowserSession,
  countSessions,
  createUser,
  deleteUser,
  endSessions,
  findBrowserUser,
  getSession,
  getUser,
  IDENTITY_EVENTS,
  type IdentityContext,
  listBans,
  listSessions,
  openBrowserSession,
  openSession,
  removeBan,
  type SessionRequest,
  updateUser,
  type User,
} from "../../src/identity/mod.ts";
import { ADMIN, BROWSER, rejectsWith, withCookie, withWorld } from "./identity_world.ts";

const PAGE = { limit: 100, offset: 0 };
const sign = (claims: object): Promise<string> => Promise.resolve(JSON.stringify(claims));

function requestFor(user: User, more: Partial<SessionRequest> = {}): SessionRequest {
  return {
    userId: user.id,
    audience: "hook",
    ttlMs: 3_600_000,
    clientId: "spgov-cli",
    issuer: "spgov:test",
    ...more,
  };
}

async function makeUser(
  context: IdentityContext,
  name: string,
  roles: User["roles"] = ["user"],
): Promise<User> {
  return await createUser(context, ADMIN, { name, email: `${name}@example.com`, roles });
}

Deno.test("every call opens a session of its own, recorded under the session's id", async () => {
  await withWorld(async ({ sql, context, events }) => {
    const alice = await makeUser(context, "alice");
    await events();
    const one = await openSession(context, ADMIN, requestFor(alice), sign);
    const two = await openSession(context, ADMIN, requestFor(alice, { agent: "reporter" }), sign);
    assert.notEqual(one.session.id, two.session.id);
    assert.notEqual(one.claims.jti, two.claims.jti);
    assert.equal(two.claims.agent, "reporter");
    assert.equal(one.claims.exp - one.claims.iat, 3600);
    const rows = await sql`
      select target, user_id, detail from audit where session_id = ${one.session.id} order by target`;
    assert.deepEqual(rows.map(({ target }) => target), [
      "identity:session_created",
      "identity:token_issued",
    ]);
    assert.equal(rows[0]?.userId, ADMIN.userId);
    assert.equal(rows[0]?.detail.user_id, alice.id);
    assert.equal(rows[0]?.detail.actor_session, ADMIN.sessionId);
    assert.equal(rows[1]?.detail.token_id, one.claims.jti);
    const stored = await getSession(sql, two.session.id);
    assert.deepEqual({ ...stored, revokedAt: null }, { ...two.session, revokedAt: null });
  });
});

Deno.test("the token itself is neither stored nor recorded", async () => {
  await withWorld(async ({ sql, context }) => {
    const alice = await makeUser(context, "alice");
    const secret = "header.payload.signature-0123456789";
    await openSession(context, ADMIN, requestFor(alice), () => Promise.resolve(secret));
    const [found] = await sql`
      select (select string_agg(s::text, '') from sessions s) || (select string_agg(a::text, '') from audit a) as text`;
    assert.doesNotMatch(found?.text, /signature-0123456789/);
  });
});

Deno.test("a role may be narrowed and never raised; the refusal is a row and no session", async () => {
  await withWorld(async ({ sql, context, events }) => {
    const user = await makeUser(context, "alice", ["user"]);
    const mcp = await makeUser(context, "robot", ["mcp"]);
    const admin = await makeUser(context, "boss", ["admin"]);
    await events();
    for (const role of ["user", "service", "a2a", "mcp", "anonymous"] as const) {
      const { session } = await openSession(context, ADMIN, requestFor(user, { role }), sign);
      assert.equal(session.role, role);
    }
    for (const role of ["admin", "service", "anonymous"] as const) {
      await openSession(context, ADMIN, requestFor(admin, { role }), sign);
    }
    await events();
    const before = await countSessions(sql, {});
    await rejectsWith(
      openSession(context, ADMIN, requestFor(user, { role: "admin" }), sign),
      "denied",
    );
    await rejectsWith(
      openSession(context, ADMIN, requestFor(mcp, { role: "a2a" }), sign),
      "denied",
    );
    assert.equal(await countSessions(sql, {}), before);
    assert.deepEqual(await events(), ["identity:sign_in_failed", "identity:sign_in_failed"]);
    const [row] = await sql`select * from audit
       where target = 'identity:sign_in_failed' and detail->>'user_id' = ${user.id}`;
    assert.deepEqual(
      [row?.decision, row?.policy, row?.detail.rule, row?.detail.user_id],
      ["deny", "auth_failure", "role_not_held", user.id],
    );
  });
});

Deno.test("without a role the session takes the user's highest", async () => {
  await withWorld(async ({ context }) => {
    const user = await makeUser(context, "alice", ["mcp", "service"]);
    assert.equal(
      (await openSession(context, ADMIN, requestFor(user), sign)).claims.tier,
      "service",
    );
  });
});

Deno.test("nobody who is suspended, deleted or banned gets a session", async () => {
  await withWorld(async ({ sql, context }) => {
    const suspended = await makeUser(context, "suspended");
    await updateUser(context, ADMIN, suspended.id, { status: "suspended" });
    const deleted = await makeUser(context, "deleted");
    await deleteUser(context, ADMIN, deleted.id);
    const banned = await makeUser(context, "banned");
    await addBan(context, ADMIN, { kind: "user", subject: banned.id, reason: "abuse" });
    for (const user of [suspended, deleted, banned]) {
      await rejectsWith(openSession(context, ADMIN, requestFor(user), sign), "denied");
    }
    assert.equal(await countSessions(sql, {}), 0);
    await removeBan(context, ADMIN, { kind: "user", subject: banned.id });
    await openSession(context, ADMIN, requestFor(banned), sign);
    await addBan(context, ADMIN, {
      kind: "user",
      subject: banned.id,
      reason: "abuse",
      expiresAt: new Date(Date.now() - 1000),
    });
    await openSession(context, ADMIN, requestFor(banned), sign);
  });
});

Deno.test("a token that cannot be signed or recorded leaves no session", async () => {
  await withWorld(async ({ sql, context }) => {
    const alice = await makeUser(context, "alice");
    const fail = (): Promise<never> => Promise.reject(new Error("no key"));
    await assert.rejects(openSession(context, ADMIN, requestFor(alice), fail));
    await assert.rejects(openSession({ ...context, record: fail }, ADMIN, requestFor(alice), sign));
    assert.equal(await countSessions(sql, {}), 0);
    const [rows] = await sql`select count(*) as n from audit where target like 'identity:session%'`;
    assert.equal(rows?.n, 0);
  });
});

Deno.test("lives shorter than a second or longer than a year are refused", async () => {
  await withWorld(async ({ context }) => {
    const alice = await makeUser(context, "alice");
    for (const ttlMs of [0, -1, 999, 367 * 86_400_000, NaN, Infinity]) {
      await rejectsWith(openSession(context, ADMIN, requestFor(alice, { ttlMs }), sign), "usage");
    }
    await rejectsWith(
      openSession(context, ADMIN, requestFor({ ...alice, id: "nobody" }), sign),
      "not_found",
    );
  });
});

Deno.test("sessions end by id, by user or all, each with two rows, and only once", async () => {
  await withWorld(async ({ sql, context, events }) => {
    const alice = await makeUser(context, "alice");
    const bob = await makeUser(context, "bob");
    const first = await openSession(context, ADMIN, requestFor(alice), sign);
    for (const user of [alice, alice, bob]) {
      await openSession(context, ADMIN, requestFor(user), sign);
    }
    await events();
    const ended = await endSessions(context, ADMIN, { id: first.session.id });
    assert.deepEqual(ended.map(({ id }) => id), [first.session.id]);
    assert.deepEqual(await events(), ["identity:session_ended", "identity:token_revoked"]);
    assert.deepEqual([...await endSessions(context, ADMIN, { id: first.session.id })], []);
    assert.deepEqual(await events(), []);
    await rejectsWith(endSessions(context, ADMIN, { id: "sess_nobody" }), "not_found");
    assert.equal((await endSessions(context, ADMIN, { userId: alice.id })).length, 2);
    assert.equal(await countSessions(sql, { active: true }), 1);
    assert.equal((await endSessions(context, ADMIN, { all: true })).length, 1);
    assert.equal(await countSessions(sql, { active: true }), 0);
    assert.equal(await countSessions(sql, {}), 4);
    assert.equal((await listSessions(sql, { userId: bob.id }, PAGE)).length, 1);
  });
});

Deno.test("an end that cannot be recorded does not happen", async () => {
  await withWorld(async ({ sql, context }) => {
    const alice = await makeUser(context, "alice");
    await openSession(context, ADMIN, requestFor(alice), sign);
    const record = (): Promise<never> => Promise.reject(new Error("the audit is full"));
    await assert.rejects(endSessions({ ...context, record }, ADMIN, { all: true }));
    assert.equal(await countSessions(sql, { active: true }), 1);
  });
});

Deno.test("deleting a user ends its sessions in the same transaction", async () => {
  await withWorld(async ({ sql, context, events }) => {
    const alice = await makeUser(context, "alice");
    await openSession(context, ADMIN, requestFor(alice), sign);
    await events();
    await deleteUser(context, ADMIN, alice.id);
    assert.equal(await countSessions(sql, { active: true }), 0);
    assert.deepEqual(await events(), [
      "identity:session_ended",
      "identity:token_revoked",
      "identity:user_deleted",
    ]);
  });
});

Deno.test("a ban is listed while it is in force, replaced by a second one, and needs a reason", async () => {
  await withWorld(async ({ sql, context, events }) => {
    const address = { kind: "address", subject: "192.0.2.7" } as const;
    await rejectsWith(addBan(context, ADMIN, { ...address, reason: " " }), "invalid");
    await addBan(context, ADMIN, { ...address, reason: "scan" });
    await addBan(context, ADMIN, { ...address, reason: "scan again" });
    assert.deepEqual((await listBans(sql, 10)).map(({ reason }) => reason), ["scan again"]);
    await removeBan(context, ADMIN, address);
    await rejectsWith(removeBan(context, ADMIN, address), "not_found");
    assert.deepEqual(await events(), [
      "identity:ban_added",
      "identity:ban_added",
      "identity:ban_removed",
    ]);
  });
});

async function signInAndOut(context: IdentityContext, user: User): Promise<void> {
  const opened = await openBrowserSession(context, user, "link", BROWSER);
  const found = await findBrowserUser(context.sql, withCookie(opened?.token), false);
  assert.ok(found);
  await closeBrowserSession(context, found);
}

Deno.test("each identity event is really written", async () => {
  await withWorld(async ({ context, events }) => {
    const alice = await makeUser(context, "alice");
    await updateUser(context, ADMIN, alice.id, { name: "al", roles: ["service"] });
    await openSession(context, ADMIN, requestFor(alice), sign);
    await endSessions(context, ADMIN, { userId: alice.id });
    await signInAndOut(context, await getUser(context.sql, alice.id));
    await updateUser(context, ADMIN, alice.id, { status: "suspended" });
    await rejectsWith(openSession(context, ADMIN, requestFor(alice), sign), "denied");
    await addBan(context, ADMIN, { kind: "user", subject: alice.id, reason: "abuse" });
    await removeBan(context, ADMIN, { kind: "user", subject: alice.id });
    await deleteUser(context, ADMIN, alice.id);
    const written = new Set(await events());
    // Those of passwords, links and passkeys: identity_credentials_test.ts, identity_passkeys_test.ts; those
    // of clients and their grants: tests/protocol/oauth_*_test.ts; of departments and groups: identity_people_test.ts;
    // that an account is linked: tests/api/federation_test.ts (that it is unlinked: nowhere yet).
    const elsewhere =
      /^(password|passkey|sign_in_link|client|consent|department|group|account)_|^(token_refused|user_anonymised)$/;
    const rest = IDENTITY_EVENTS.filter((name) => !elsewhere.test(name));
    assert.deepEqual([...written].sort(), rest.map((name) => `identity:${name}`).sort());
  });
});

Deno.test("what serves may revoke sessions, and neither make users nor raise a session", async () => {
  await withWorld(async ({ context, database }) => {
    const alice = await makeUser(context, "alice");
    const { session } = await openSession(context, ADMIN, requestFor(alice), sign);
    const serve = openPool(database.serve, { max: 1, applicationName: "test" });
    try {
      for (
        const statement of [
          "insert into users (id, email, name, roles) values ('eve', 'e@x', 'eve', '{admin}')",
          `update users set roles = '{admin}' where id = '${alice.id}'`,
          `update sessions set role = 'admin' where id = '${session.id}'`,
          `update sessions set user_id = 'operator' where id = '${session.id}'`,
          "insert into sessions (id, user_id) values ('x', 'operator')",
          "delete from sessions",
          "delete from bans",
          "insert into bans (subject_kind, subject, reason) values ('user', 'x', 'y')",
        ]
      ) {
        await assert.rejects(serve.unsafe(statement), /permission denied/, statement);
      }
      const { count } = await serve`
        update sessions set revoked_at = clock_timestamp() where id = ${session.id}`;
      assert.equal(count, 1);
    } finally {
      await serve.end({ timeout: 2 });
    }
  });
});
