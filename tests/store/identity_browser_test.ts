import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import {
  addBan,
  assignRoles,
  closeBrowserSession,
  createUser,
  deleteUser,
  endSessions,
  findBrowserUser,
  forgetOverSignIns,
  getSession,
  type IdentityContext,
  listBrowserSessions,
  openBrowserSession,
  updateUser,
  type User,
} from "../../src/identity/mod.ts";
import { ADMIN, BROWSER, withCookie, withWorld, type World } from "./identity_world.ts";

async function makeUser({ context }: World, roles: User["roles"] = ["user"]): Promise<User> {
  return await createUser(context, ADMIN, { name: "ada", email: "ada@example.com", roles });
}

async function signIn(context: IdentityContext, user: User) {
  const opened = await openBrowserSession(context, user, "password", BROWSER);
  assert.ok(opened);
  return opened;
}

Deno.test("a browser session is found by its cookie and recorded; its token is nowhere", async () => {
  await withWorld(async (world) => {
    const { sql, context, events } = world;
    const ada = await makeUser(world, ["admin", "user"]);
    await events();
    const { token, sessionId } = await signIn(context, ada);
    assert.deepEqual(await events(), ["identity:session_created", "identity:signed_in"]);
    const user = await findBrowserUser(sql, withCookie(token), false);
    assert.deepEqual([user?.userId, user?.sessionId, user?.role], [ada.id, sessionId, "admin"]);
    assert.ok(Math.abs((user?.authTime.getTime() ?? 0) - Date.now()) < 60_000);
    const [found] = await sql`
      select (select string_agg(b::text, '') from browser_sessions b) ||
             (select string_agg(s::text, '') from sessions s) ||
             (select string_agg(a::text, '') from audit a) as text`;
    assert.ok(!found?.text.includes(token));
  });
});

Deno.test("cookies that are no session's find nobody", async () => {
  await withWorld(async (world) => {
    const { sql, context } = world;
    const { token } = await signIn(context, await makeUser(world));
    const refused: readonly (readonly [Request, boolean])[] = [
      [new Request("http://localhost/"), false],
      [withCookie(""), false],
      [withCookie("x".repeat(43)), false],
      [withCookie(`${token}x`), false],
      // Over https only the cookie that no other host can set counts, and over http only the other one.
      [withCookie(token), true],
      [withCookie(token, "__Host-spgov_session"), false],
      // Sent twice: somebody planted one.
      [withCookie(`${token}; spgov_session=${"y".repeat(43)}`), false],
    ];
    for (const [request, secure] of refused) {
      assert.equal(await findBrowserUser(sql, request, secure), undefined);
    }
    assert.ok(await findBrowserUser(sql, withCookie(token, "__Host-spgov_session"), true));
  });
});

Deno.test("each sign-in has a token of its own; signing out ends one session, with its rows, once", async () => {
  await withWorld(async (world) => {
    const { sql, context, events } = world;
    const ada = await makeUser(world);
    const one = await signIn(context, ada);
    const two = await signIn(context, ada);
    assert.notEqual(one.token, two.token);
    const user = await findBrowserUser(sql, withCookie(one.token), false);
    assert.ok(user);
    await events();
    await closeBrowserSession(context, user);
    await closeBrowserSession(context, user);
    assert.deepEqual(await events(), ["identity:session_ended", "identity:signed_out"]);
    assert.equal(await findBrowserUser(sql, withCookie(one.token), false), undefined);
    assert.ok(await findBrowserUser(sql, withCookie(two.token), false));
    const left = await listBrowserSessions(sql, ada.id, 60_000);
    assert.deepEqual(left.map(({ sessionId }) => sessionId), [two.sessionId]);
  });
});

type End = (world: World, ada: User, sessionId: string) => Promise<unknown>;
const ENDS: Readonly<Record<string, End>> = {
  "is revoked": ({ context }, _, id) => endSessions(context, ADMIN, { id }),
  "has a user who is suspended": ({ context }, { id }) =>
    updateUser(context, ADMIN, id, { status: "suspended" }),
  "has a user who is banned": ({ context }, { id }) =>
    addBan(context, ADMIN, { kind: "user", subject: id, reason: "abuse" }),
  "has a user who is deleted": ({ context }, { id }) => deleteUser(context, ADMIN, id),
  "has a user who lost the role": ({ context }, { id }) => assignRoles(context, ADMIN, id, ["mcp"]),
  "has expired": ({ sql }) => sql`update sessions set expires_at = clock_timestamp()`,
  "was idle for an hour": ({ sql }) =>
    sql`update browser_sessions set seen_at = clock_timestamp() - interval '61 minutes'`,
};
for (const [name, end] of Object.entries(ENDS)) {
  Deno.test(`a browser session counts no more once it ${name}`, async () => {
    await withWorld(async (world) => {
      const ada = await makeUser(world);
      const { token, sessionId } = await signIn(world.context, ada);
      assert.ok(await findBrowserUser(world.sql, withCookie(token), false));
      await end(world, ada, sessionId);
      assert.equal(await findBrowserUser(world.sql, withCookie(token), false), undefined);
    });
  });
}

Deno.test("whoever is not let in gets no session and no row", async () => {
  await withWorld(async (world) => {
    const { context, events } = world;
    const ada = await makeUser(world);
    await updateUser(context, ADMIN, ada.id, { status: "suspended" });
    await events();
    assert.equal(await openBrowserSession(context, ada, "password", BROWSER), undefined);
    assert.deepEqual(await events(), []);
    await updateUser(context, ADMIN, ada.id, { status: "active" });
    await addBan(context, ADMIN, { kind: "user", subject: ada.id, reason: "abuse" });
    await events();
    assert.equal(await openBrowserSession(context, ada, "link", BROWSER), undefined);
    assert.deepEqual(await events(), []);
  });
});

Deno.test("a sign-in that cannot be recorded is none", async () => {
  await withWorld(async (world) => {
    const ada = await makeUser(world);
    const record = (): Promise<never> => Promise.reject(new Error("the audit is full"));
    await assert.rejects(openBrowserSession({ ...world.context, record }, ada, "link", BROWSER));
    assert.equal((await listBrowserSessions(world.sql, ada.id, 60_000)).length, 0);
  });
});

Deno.test("use is noted, so that a session in use does not become idle", async () => {
  await withWorld(async (world) => {
    const { sql } = world;
    const { token, sessionId } = await signIn(world.context, await makeUser(world));
    await sql`update browser_sessions set seen_at = clock_timestamp() - interval '59 minutes'`;
    assert.ok(await findBrowserUser(sql, withCookie(token), false));
    const [row] = await sql`
      select clock_timestamp() - seen_at < interval '1 minute' as fresh from browser_sessions`;
    assert.equal(row?.fresh, true);
    // In use or not, it is over at the absolute end.
    const { createdAt, expiresAt } = await getSession(sql, sessionId);
    assert.equal(expiresAt.getTime() - createdAt.getTime(), 12 * 3_600_000);
  });
});

Deno.test("what serves sees and ends browser sessions with its own rights; egress alone opens them", async () => {
  await withWorld(async (world) => {
    const ada = await makeUser(world);
    const serve = openPool(world.database.serve, { max: 2, applicationName: "test" });
    const egress = openPool(world.database.vault, { max: 2, applicationName: "test" });
    try {
      await assert.rejects(signIn({ ...world.context, sql: serve }, ada), { code: "42501" });
      const { token } = await signIn({ ...world.context, sql: egress }, ada);
      const user = await findBrowserUser(serve, withCookie(token), false);
      assert.ok(user);
      await closeBrowserSession({ ...world.context, sql: serve }, user);
      assert.equal(await findBrowserUser(serve, withCookie(token), false), undefined);
      await assert.rejects(serve`update browser_sessions set session_id = 'x'`);
      await assert.rejects(serve`insert into sign_in_links (token_hash, user_id, expires_at)
        values ('x', ${ada.id}, now())`);
      await assert.rejects(world.sql`update sessions set revoked_at = null`, { code: "42501" });
    } finally {
      await egress.end({ timeout: 2 });
      await serve.end({ timeout: 2 });
    }
  });
});

Deno.test("cookies of sessions that are over are forgotten, those of others are not", async () => {
  await withWorld(async (world) => {
    const { sql, context } = world;
    const ada = await makeUser(world);
    const [revoked, idle, good] = [
      await signIn(context, ada),
      await signIn(context, ada),
      await signIn(context, ada),
    ];
    await endSessions(context, ADMIN, { id: revoked.sessionId });
    await sql`
      update browser_sessions set seen_at = clock_timestamp() - interval '61 minutes'
       where session_id = ${idle.sessionId}`;
    await forgetOverSignIns(sql);
    const rows = await sql`select session_id from browser_sessions`;
    assert.deepEqual(rows.map(({ sessionId }) => sessionId), [good.sessionId]);
    assert.ok(await findBrowserUser(sql, withCookie(good.token), false));
  });
});
