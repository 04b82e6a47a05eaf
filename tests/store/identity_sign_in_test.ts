import assert from "node:assert/strict";
import {
  clearPassword,
  createPasswordHasher,
  createSignInLink,
  createUser,
  findBrowserUser,
  forgetOverSignIns,
  type PasswordHasher,
  setPassword,
  type SignInContext,
  type SignInResult,
  signInWithLink,
  signInWithPassword,
  updateUser,
  type User,
} from "../../src/identity/mod.ts";
import { openPool } from "../../src/db/mod.ts";
import {
  ADMIN,
  BROWSER,
  rejectsWith,
  withCookie,
  withWorld,
  type World,
} from "./identity_world.ts";

const PASSWORD = "lamp orbit velvet";
const CHEAP = { ln: 8, r: 8, p: 1 };

async function hashOf(sql: World["sql"], userId: string): Promise<string> {
  const [row] = await sql`select hash from passwords where user_id = ${userId}`;
  return row?.["hash"] ?? "";
}

interface SignInWorld extends World {
  readonly hasher: PasswordHasher;
  readonly ada: User;
  signIn(login: string, password: string, address?: string): Promise<SignInResult>;
}

async function withAda(work: (world: SignInWorld) => Promise<void>): Promise<void> {
  await withWorld(async (world) => {
    const hasher = createPasswordHasher(CHEAP);
    const ada = await createUser(world.context, ADMIN, { name: "ada", email: "ada@example.com" });
    await setPassword(world.context, ADMIN, hasher, ada, PASSWORD);
    await world.events();
    await work({
      ...world,
      hasher,
      ada,
      signIn: (login, password, address = BROWSER.address) =>
        signInWithPassword(contextOf(world), hasher, { login, password }, { ...BROWSER, address }),
    });
  });
}

function contextOf(world: World): SignInContext {
  return { ...world.context, mayRecord: () => true };
}

const ruleOf = (result: SignInResult) => result.ok ? "ok" : result.rule;

Deno.test("a password signs in by email in any case, or by name", async () => {
  await withAda(async ({ signIn, sql, ada, events }) => {
    for (const login of ["ada@example.com", " ADA@Example.com ", "ada"]) {
      const result = await signIn(login, PASSWORD);
      assert.ok(result.ok);
      const who = await findBrowserUser(sql, withCookie(result.opened.token), false);
      assert.deepEqual([who?.userId, who?.method], [ada.id, "password"]);
      assert.deepEqual(await events(), ["identity:session_created", "identity:signed_in"]);
    }
  });
});

Deno.test("whoever fails is told apart in the row only, and what was typed is nowhere", async () => {
  await withAda(async (world) => {
    const { signIn, sql, context } = world;
    await createUser(context, ADMIN, { name: "bob", email: "bob@example.com" });
    await createUser(context, ADMIN, {
      name: "eve",
      email: "eve@example.com",
      status: "suspended",
    });
    const eve = { id: (await sql`select id from users where name = 'eve'`)[0]?.id } as User;
    await setPassword(context, ADMIN, world.hasher, { ...world.ada, ...eve }, PASSWORD);
    assert.equal(ruleOf(await signIn("ada", "lamp orbit velvet!")), "wrong_password");
    assert.equal(ruleOf(await signIn("nobody-typed-secret", PASSWORD)), "unknown_user");
    assert.equal(ruleOf(await signIn("bob", "another typed secret")), "no_password");
    assert.equal(ruleOf(await signIn("eve", PASSWORD)), "not_let_in");
    const rows = await sql`
      select user_id, decision, policy, detail from audit where target = 'identity:sign_in_failed' order by id`;
    assert.deepEqual(
      rows.map(({ detail }) => [detail.rule, detail.user_id !== undefined]),
      [["wrong_password", true], ["unknown_user", false], ["no_password", true], [
        "not_let_in",
        true,
      ]],
    );
    assert.deepEqual(
      [rows[0]?.userId, rows[0]?.decision, rows[0]?.policy],
      ["anonymous", "deny", "auth_failure"],
    );
    const [all] = await sql`
      select (select string_agg(a::text, '') from audit a) ||
             (select string_agg(t::text, '') from sign_in_attempts t) as text`;
    assert.doesNotMatch(all?.text, /typed|velvet/);
  });
});

Deno.test("the same work is done for a wrong password, no password and no user", async () => {
  await withAda(async ({ signIn, hasher, context }) => {
    await createUser(context, ADMIN, { name: "bob", email: "bob@example.com" });
    for (const login of ["ada", "bob", "nobody"]) {
      const before = hasher.derived;
      await signIn(login, "not the password");
      assert.equal(hasher.derived - before, 1, login);
    }
  });
});

Deno.test("a hash of another cost is renewed at sign-in, and only then", async () => {
  await withAda(async ({ sql, ada, context, signIn }) => {
    const old = createPasswordHasher({ ...CHEAP, ln: 7 });
    await setPassword(context, ADMIN, old, ada, PASSWORD);
    await signIn("ada", "not the password");
    assert.match(await hashOf(sql, ada.id), /ln=7/);
    assert.ok((await signIn("ada", PASSWORD)).ok);
    assert.match(await hashOf(sql, ada.id), /ln=8/);
    assert.ok((await signIn("ada", PASSWORD)).ok);
  });
});

Deno.test("setting or clearing a password ends browser sessions, and no others", async () => {
  await withAda(async ({ sql, ada, context, hasher, signIn, events }) => {
    const result = await signIn("ada", PASSWORD);
    assert.ok(result.ok);
    await sql`
      insert into sessions (id, user_id, client_id, audience, role, token_id, expires_at)
      values ('sess_hook', ${ada.id}, 'x', 'hook', 'user', 't', now() + interval '1 hour')`;
    await events();
    await setPassword(context, ADMIN, hasher, ada, "another lamp in orbit");
    assert.deepEqual(await events(), ["identity:password_set", "identity:session_ended"]);
    assert.equal(await findBrowserUser(sql, withCookie(result.opened.token), false), undefined);
    await clearPassword(context, ADMIN, ada);
    assert.deepEqual(await events(), ["identity:password_cleared"]);
    assert.equal(ruleOf(await signIn("ada", "another lamp in orbit")), "no_password");
    const [hook] = await sql`select revoked_at from sessions where id = 'sess_hook'`;
    assert.equal(hook?.revokedAt, null);
    await rejectsWith(clearPassword(context, ADMIN, ada), "not_found");
    await rejectsWith(setPassword(context, ADMIN, hasher, ada, "short"), "invalid");
  });
});

Deno.test("who guesses at one name from one place waits longer each time, and is not looked at meanwhile", async () => {
  await withAda(async ({ signIn, hasher, sql, events }) => {
    for (let i = 0; i < 5; i++) await signIn("ada", `wrong ${i}`);
    assert.equal(ruleOf(await signIn("ada", "wrong 5")), "wrong_password");
    const derived = hasher.derived;
    await events();
    const held = await signIn("ada", PASSWORD);
    assert.ok(!held.ok && held.rule === "rate_limited");
    assert.ok(held.waitMs && held.waitMs > 0 && held.waitMs <= 2000);
    assert.equal(hasher.derived, derived, "a hash was computed");
    assert.deepEqual(await events(), ["identity:sign_in_failed"]);
    // Somebody else, and the same name from elsewhere, do not wait.
    assert.equal(ruleOf(await signIn("bob", PASSWORD)), "unknown_user");
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      await sql`update sign_in_attempts set blocked_until = clock_timestamp()`;
      await signIn("ada", `wrong again ${i}`);
      const refused = await signIn("ada", "x");
      waits.push(refused.ok ? 0 : Math.round((refused.waitMs ?? 0) / 1000));
    }
    assert.deepEqual(waits, [4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]);
  });
});

Deno.test("attempts made at once are counted at once", async () => {
  await withAda(async ({ signIn }) => {
    const results = await Promise.all(
      Array.from({ length: 16 }, (_, i) => signIn("ada", `wrong ${i}`)),
    );
    const looked = results.filter((result) => ruleOf(result) === "wrong_password").length;
    assert.ok(looked <= 6, `${looked} guesses were looked at`);
  });
});

Deno.test("guessing from many places is slowed, never beyond a minute, and nobody is locked out", async () => {
  await withAda(async ({ signIn, sql }) => {
    for (let i = 0; i < 20; i++) await signIn("ada", "wrong", `192.0.2.${i}`);
    for (let i = 0; i < 12; i++) {
      await sql`update sign_in_attempts set blocked_until = clock_timestamp() where subject like 'login:%'`;
      assert.equal(ruleOf(await signIn("ada", "wrong", `198.51.100.${i}`)), "wrong_password");
    }
    const held = await signIn("ada", PASSWORD, "203.0.113.1");
    assert.ok(!held.ok && held.waitMs && held.waitMs > 50_000 && held.waitMs <= 60_000);
    await sql`update sign_in_attempts set blocked_until = clock_timestamp() where subject like 'login:%'`;
    assert.ok((await signIn("ada", PASSWORD, "203.0.113.1")).ok);
    // A success is the end of it.
    assert.equal(ruleOf(await signIn("ada", "wrong", "203.0.113.9")), "wrong_password");
    assert.equal(ruleOf(await signIn("ada", "wrong", "203.0.113.9")), "wrong_password");
  });
});

Deno.test("one address, or one network of IPv6, has fifty attempts at whatever names", async () => {
  await withAda(async ({ signIn }) => {
    for (let i = 0; i < 51; i++) {
      assert.equal(ruleOf(await signIn(`name-${i}`, "x", `2001:db8:0:1::${i}`)), "unknown_user");
    }
    assert.equal(ruleOf(await signIn("name-x", "x", "2001:db8:0:1:ffff::1")), "rate_limited");
    assert.equal(ruleOf(await signIn("name-x", "x", "2001:db8:0:2::1")), "unknown_user");
  });
});

Deno.test("limits outlive the process and are over after an hour", async () => {
  await withAda(async ({ signIn, sql }) => {
    for (let i = 0; i < 6; i++) await signIn("ada", "wrong");
    await sql`update sign_in_attempts set blocked_until = clock_timestamp() + interval '10 minutes'`;
    await forgetOverSignIns(sql);
    assert.equal(ruleOf(await signIn("ada", PASSWORD)), "rate_limited");
    await sql`
      update sign_in_attempts set last_at = last_at - interval '61 minutes', blocked_until = clock_timestamp()`;
    for (let i = 0; i < 5; i++) {
      assert.equal(ruleOf(await signIn("ada", "wrong")), "wrong_password");
    }
    await sql`
      update sign_in_attempts set last_at = last_at - interval '61 minutes', blocked_until = clock_timestamp()`;
    await forgetOverSignIns(sql);
    assert.equal((await sql`select 1 from sign_in_attempts`).length, 0);
  });
});

Deno.test("a link signs in once, within its time, and is replaced by a newer one", async () => {
  await withAda(async (world) => {
    const { context, ada, sql, events } = world;
    const use = (token: string) => signInWithLink(contextOf(world), token, BROWSER);
    const old = await createSignInLink(context, ADMIN, ada);
    const link = await createSignInLink(context, ADMIN, ada);
    assert.equal(ruleOf(await use(old.token)), "unknown_link");
    const [one, two] = await Promise.all([use(link.token), use(link.token)]);
    assert.deepEqual([ruleOf(one), ruleOf(two)].sort(), ["ok", "unknown_link"]);
    for (const token of ["", "x", "x".repeat(43)]) {
      assert.equal(ruleOf(await use(token)), "unknown_link");
    }
    const late = await createSignInLink(context, ADMIN, ada);
    await sql`update sign_in_links set expires_at = clock_timestamp()`;
    assert.equal(ruleOf(await use(late.token)), "unknown_link");
    await forgetOverSignIns(sql);
    assert.equal((await sql`select 1 from sign_in_links`).length, 0);
    assert.ok((await events()).includes("identity:sign_in_link_created"));
    const suspended = await createSignInLink(context, ADMIN, ada);
    await updateUser(context, ADMIN, ada.id, { status: "suspended" });
    assert.equal(ruleOf(await use(suspended.token)), "not_let_in");
    await rejectsWith(createSignInLink(context, ADMIN, { ...ada, status: "suspended" }), "denied");
  });
});

Deno.test("a failure that cannot be recorded is no answer", async () => {
  await withAda(async (world) => {
    const record = (): Promise<never> => Promise.reject(new Error("the audit is full"));
    const context = { ...contextOf(world), record };
    const given = { login: "ada", password: "wrong" };
    await assert.rejects(signInWithPassword(context, world.hasher, given, BROWSER));
    const right = { login: "ada", password: PASSWORD };
    await assert.rejects(signInWithPassword(context, world.hasher, right, BROWSER));
    assert.equal((await world.sql`select 1 from browser_sessions`).length, 0);
  });
});

Deno.test("egress signs in with its own rights, and can make no link; what serves can do neither", async () => {
  await withAda(async (world) => {
    const serve = openPool(world.database.serve, { max: 2, applicationName: "test" });
    const egress = openPool(world.database.vault, { max: 2, applicationName: "test" });
    try {
      const context = { ...contextOf(world), sql: egress };
      const given = { login: "ada", password: PASSWORD };
      assert.ok((await signInWithPassword(context, world.hasher, given, BROWSER)).ok);
      const { token } = await createSignInLink(world.context, ADMIN, world.ada);
      assert.ok((await signInWithLink(context, token, BROWSER)).ok);
      await assert.rejects(createSignInLink(context, ADMIN, world.ada));
      const serving = { ...context, sql: serve };
      const refused = signInWithPassword(serving, world.hasher, given, BROWSER);
      await assert.rejects(refused, { code: "42501" });
    } finally {
      await egress.end({ timeout: 2 });
      await serve.end({ timeout: 2 });
    }
  });
});
