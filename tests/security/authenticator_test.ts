import assert from "node:assert/strict";
import { openPool, type Pool } from "../../src/db/mod.ts";
import type { DatabaseAddress } from "../../src/kernel/database_address.ts";
import {
  addBan,
  assignRoles,
  type Authenticated,
  Authenticator,
  type AuthenticatorOptions,
  type AuthFailure,
  createDepartment,
  createTokenVerifier,
  createUser,
  deleteUser,
  endSessions,
  issueToken,
  listenForRevocations,
  type OpenedSession,
  openSession,
  type SessionRequest,
  updateUser,
  type User,
} from "../../src/identity/mod.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { ADMIN, withWorld, type World } from "../store/identity_world.ts";
import { openLink } from "./frozen_link.ts";

const KEY = new Uint8Array(32).fill(7);
const ISSUER = "spgov:test";

/** Time that stands still unless a test moves it. */
interface TestClock extends Clock {
  wall: number;
  steady: number;
}

function testClock(): TestClock {
  const clock = {
    wall: Date.now(),
    steady: 1_000_000,
    now: (): number => clock.wall,
    monotonic: (): number => clock.steady,
  };
  return clock;
}

interface Bench extends World {
  readonly clock: TestClock;
  readonly alice: User;
  readonly authenticator: Authenticator;
  /** Signatures checked and questions asked to the database so far. */
  readonly asked: { signatures: number; database: number };
  open(more?: Partial<SessionRequest>): Promise<OpenedSession>;
  make(more?: Partial<AuthenticatorOptions>): Authenticator;
}

/** Counts the queries that go through. */
function counting(sql: Pool, count: () => void): Pool {
  return new Proxy(sql, {
    apply(target, self, args): unknown {
      count();
      return Reflect.apply(target, self, args);
    },
  });
}

async function withBench(body: (bench: Bench) => Promise<void>): Promise<void> {
  await withWorld(async (world) => {
    const clock = testClock();
    const asked = { signatures: 0, database: 0 };
    const verifier = createTokenVerifier(KEY, { issuer: ISSUER, clock });
    const serve = openPool(world.database.serve, { max: 4, applicationName: "test" });
    const make = (more: Partial<AuthenticatorOptions> = {}): Authenticator =>
      new Authenticator({
        clock,
        sql: counting(serve, () => asked.database++),
        verify(token, audience) {
          asked.signatures++;
          return verifier(token, audience);
        },
        ...more,
      });
    for (const name of ["sales", "legal"]) {
      await createDepartment(world.context, ADMIN, { name });
    }
    const alice = await createUser(world.context, ADMIN, {
      email: "alice@example.com",
      name: "alice",
      roles: ["user", "mcp"],
      department: "sales",
    });
    try {
      await body({
        ...world,
        clock,
        alice,
        asked,
        make,
        authenticator: make(),
        open: (more) =>
          openSession({ ...world.context, clock }, ADMIN, {
            userId: alice.id,
            audience: "hook",
            ttlMs: 3_600_000,
            clientId: "cc",
            issuer: ISSUER,
            ...more,
          }, (claims) => issueToken(KEY, claims)),
      });
    } finally {
      await serve.end({ timeout: 2 });
    }
  });
}

function ruleOf(answer: Authenticated | AuthFailure): string {
  return answer.ok ? "accepted" : answer.rule;
}

/** Milliseconds until `wanted` holds; fails after a second. */
async function within(wanted: () => boolean | Promise<boolean>): Promise<number> {
  const start = performance.now();
  while (!await wanted()) {
    if (performance.now() - start > 1000) assert.fail("did not happen within a second");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return performance.now() - start;
}

Deno.test("a token is looked up once and then known, with the user's present department", async () => {
  await withBench(async ({ authenticator, open, alice, asked }) => {
    const { token, claims } = await open({ role: "mcp", agent: "reporter" });
    assert.equal(authenticator.cached(token, "hook"), undefined);
    const who = await authenticator.authenticate(token, "hook");
    assert.deepEqual(who, {
      ok: true,
      userId: alice.id,
      sessionId: claims.sid,
      tokenId: claims.jti,
      clientId: "cc",
      audience: "hook",
      tier: "mcp",
      department: "sales",
      departments: ["sales"],
      groups: [],
      keyScopes: undefined,
      agent: "reporter",
      expiresAt: claims.exp * 1000,
    });
    for (let i = 0; i < 20; i++) assert.equal(await authenticator.authenticate(token, "hook"), who);
    assert.equal(authenticator.cached(token, "hook"), who);
    assert.deepEqual(asked, { signatures: 1, database: 1 });
  });
});

Deno.test("50 first uses at the same time share one verification and one question", async () => {
  await withBench(async ({ authenticator, open, asked }) => {
    const { token } = await open();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => authenticator.authenticate(token, "hook")),
    );
    assert.deepEqual(answers.map(ruleOf), Array(50).fill("accepted"));
    assert.deepEqual(asked, { signatures: 1, database: 1 });
  });
});

Deno.test("a token in memory for one audience does not open another", async () => {
  await withBench(async ({ authenticator, open }) => {
    const { token } = await open();
    assert.equal(ruleOf(await authenticator.authenticate(token, "hook")), "accepted");
    for (const audience of ["api", "mcp"] as const) {
      assert.equal(authenticator.cached(token, audience), undefined);
      assert.equal(ruleOf(await authenticator.authenticate(token, audience)), "wrong_audience");
    }
    assert.ok(authenticator.cached(token, "hook"));
  });
});

Deno.test("bad tokens never reach the database, absent and oversize ones not even the key", async () => {
  await withBench(async ({ authenticator, open, asked }) => {
    const { token, claims } = await open();
    const forged = await issueToken(new Uint8Array(32), claims);
    const answers = await Promise.all(
      [undefined, "", "x".repeat(1_000_000), "a b", forged].map((text) =>
        authenticator.authenticate(text, "hook")
      ),
    );
    assert.deepEqual(answers.map(ruleOf), [
      "missing_token",
      "missing_token",
      "oversize",
      "malformed",
      "bad_signature",
    ]);
    assert.deepEqual(asked, { signatures: 1, database: 0 });
    assert.equal(authenticator.size, 0);
    assert.doesNotMatch(JSON.stringify(answers), new RegExp(token.slice(40, 60)));
  });
});

Deno.test("a token with a good signature that belongs to no such session is refused", async () => {
  await withBench(async ({ authenticator, open, sql }) => {
    const { claims, session } = await open();
    const admin = await open({ role: "user" });
    const lies = [
      { ...claims, sid: "sess_never" },
      { ...claims, sub: "operator" },
      { ...claims, sid: admin.claims.sid },
      { ...claims, tier: "admin" as const },
      { ...claims, aud: "api" as const },
    ];
    for (const lie of lies) {
      const answer = await authenticator.authenticate(await issueToken(KEY, lie), lie.aud);
      const rule = ruleOf(answer);
      assert.ok(["unknown_session", "revoked"].includes(rule), rule);
    }
    const token = await issueToken(KEY, claims);
    await sql`update sessions set token_id = 'another' where id = ${session.id}`;
    assert.equal(ruleOf(await authenticator.authenticate(token, "hook")), "revoked");
  });
});

Deno.test("memory does not outlive the token, whichever way the clock goes", async () => {
  await withBench(async ({ authenticator, open, clock, asked }) => {
    authenticator.listening();
    const { token, claims } = await open();
    await authenticator.authenticate(token, "hook");
    clock.wall = claims.exp * 1000 + 59_999;
    assert.ok(authenticator.cached(token, "hook"));
    clock.wall += 1;
    assert.equal(authenticator.cached(token, "hook"), undefined);
    const expired = await authenticator.authenticate(token, "hook");
    assert.equal(ruleOf(expired), "expired");
    assert.equal(!expired.ok && expired.claims?.sub, claims.sub);
    assert.equal(authenticator.size, 0);
    clock.wall = claims.iat * 1000 - 60_001;
    assert.equal(ruleOf(await authenticator.authenticate(token, "hook")), "not_yet_valid");
    assert.equal(asked.database, 1);
  });
});

const REVOCATIONS: Readonly<
  Record<string, (bench: Bench, opened: OpenedSession) => Promise<unknown>>
> = {
  session_ended: ({ context }, { session }) => endSessions(context, ADMIN, { id: session.id }),
  user_inactive: ({ context, alice }) =>
    updateUser(context, ADMIN, alice.id, { status: "suspended" }),
  banned: ({ context, alice }) =>
    addBan(context, ADMIN, { kind: "user", subject: alice.id, reason: "abuse" }),
  role_withdrawn: ({ context, alice }) => assignRoles(context, ADMIN, alice.id, ["mcp"]),
  revoked: ({ sql }, { session }) =>
    sql`update sessions set token_id = 'another' where id = ${session.id}`,
};

for (const [rule, revoke] of Object.entries(REVOCATIONS)) {
  Deno.test(`${rule}: a revocation reaches what is in memory in less than a second`, async () => {
    await withBench(async (bench) => {
      const { authenticator, open, context, database } = bench;
      const listener = listenForRevocations(database.serve, authenticator, "test");
      try {
        await listener.ready;
        const opened = await open({ role: "user" });
        const other = await createUser(context, ADMIN, { email: "o@example.com", name: "other" });
        const bystander = await open({ userId: other.id });
        await authenticator.authenticate(opened.token, "hook");
        await authenticator.authenticate(bystander.token, "hook");
        await revoke(bench, opened);
        await within(() => authenticator.cached(opened.token, "hook") === undefined);
        assert.equal(ruleOf(await authenticator.authenticate(opened.token, "hook")), rule);
        assert.equal(authenticator.cached(opened.token, "hook"), undefined);
        assert.ok(authenticator.cached(bystander.token, "hook"));
      } finally {
        await listener.stop();
      }
    });
  });
}

Deno.test("a deleted user's tokens are void, a changed department counts at once", async () => {
  await withBench(async ({ authenticator, open, context, alice, database }) => {
    const listener = listenForRevocations(database.serve, authenticator, "test");
    try {
      await listener.ready;
      const { token } = await open();
      await authenticator.authenticate(token, "hook");
      await updateUser(context, ADMIN, alice.id, { department: "legal" });
      await within(async () => {
        const who = await authenticator.authenticate(token, "hook");
        return who.ok && who.department === "legal";
      });
      await deleteUser(context, ADMIN, alice.id);
      await within(async () =>
        ruleOf(await authenticator.authenticate(token, "hook")) === "session_ended"
      );
    } finally {
      await listener.stop();
    }
  });
});

Deno.test("while nobody listens a token counts for 500 ms, then it is asked about again", async () => {
  await withBench(async ({ authenticator, open, context, clock, asked }) => {
    const { token, session } = await open();
    await authenticator.authenticate(token, "hook");
    await endSessions(context, ADMIN, { id: session.id });
    clock.steady += 500;
    assert.ok(authenticator.cached(token, "hook"));
    clock.steady += 1;
    assert.equal(authenticator.cached(token, "hook"), undefined);
    assert.equal(ruleOf(await authenticator.authenticate(token, "hook")), "session_ended");
    assert.deepEqual(asked, { signatures: 1, database: 2 });
  });
});

Deno.test("what was known before listening began, or before it was lost, is asked about again", async () => {
  await withBench(async ({ authenticator, open, context, clock }) => {
    authenticator.listening();
    clock.steady += 1;
    const { token, session } = await open();
    await authenticator.authenticate(token, "hook");
    clock.steady += 3_600_000;
    assert.ok(authenticator.cached(token, "hook"));
    authenticator.deaf();
    assert.equal(authenticator.cached(token, "hook"), undefined);
    await endSessions(context, ADMIN, { id: session.id });
    authenticator.listening();
    assert.equal(authenticator.cached(token, "hook"), undefined);
    assert.equal(ruleOf(await authenticator.authenticate(token, "hook")), "session_ended");
  });
});

/** An authenticator on real time, that listens on a connection to `address`. */
async function withListener(
  { make, open, context }: Bench,
  address: DatabaseAddress,
  cut: () => unknown,
): Promise<void> {
  const real = { now: () => Date.now(), monotonic: () => performance.now() };
  const authenticator = make({ clock: real });
  const listener = listenForRevocations(address, authenticator, "cut me");
  try {
    await listener.ready;
    const { token, session } = await open();
    await within(async () => (await authenticator.authenticate(token, "hook")).ok);
    await cut();
    await endSessions(context, ADMIN, { id: session.id });
    await within(async () => !(await authenticator.authenticate(token, "hook")).ok);
    assert.equal(ruleOf(await authenticator.authenticate(token, "hook")), "session_ended");
  } finally {
    await listener.stop();
  }
}

Deno.test("a listening connection that is cut hides no revocation for a second", async () => {
  await withBench(async (bench) => {
    await withListener(bench, bench.database.serve, () =>
      bench.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'cut me' and datname = current_database()`);
  });
});

Deno.test("a listening connection that dies silently hides no revocation for a second", async () => {
  await withBench(async (bench) => {
    const link = openLink(bench.database.serve);
    try {
      await withListener(bench, link.address, () => link.freeze());
    } finally {
      await link.close();
    }
  });
});

Deno.test("a revocation that arrives while the database is being asked is not lost", async () => {
  await withBench(async ({ make, open, context, database }) => {
    const pool = openPool(database.serve, { max: 1, applicationName: "test" });
    const gate = Promise.withResolvers<void>();
    const read = Promise.withResolvers<void>();
    const slow = new Proxy(pool, {
      async apply(target, self, args): Promise<unknown> {
        const rows = await Reflect.apply(target, self, args);
        read.resolve();
        await gate.promise;
        return rows;
      },
    });
    try {
      const authenticator = make({ sql: slow });
      authenticator.listening();
      const { token, session } = await open();
      const answer = authenticator.authenticate(token, "hook");
      await read.promise;
      await endSessions(context, ADMIN, { id: session.id });
      authenticator.heard(`session:${session.id}`);
      gate.resolve();
      assert.equal(ruleOf(await answer), "session_ended");
      assert.equal(authenticator.size, 0);
    } finally {
      await pool.end({ timeout: 2 });
    }
  });
});

Deno.test("without a database or a key nobody is let in, and nobody is called a forger", async () => {
  await withBench(async ({ make, open, database }) => {
    const { token } = await open();
    const closed = openPool(database.serve, { max: 1, applicationName: "test" });
    await closed.end();
    const withoutDatabase = make({ sql: closed });
    const withoutKey = make({ verify: () => Promise.reject(new Error("the isolate is gone")) });
    for (const authenticator of [withoutDatabase, withoutKey]) {
      const answer = await authenticator.authenticate(token, "hook");
      assert.ok(!answer.ok);
      assert.deepEqual([answer.kind, answer.rule], ["unavailable", "identity_unavailable"]);
      assert.equal(authenticator.size, 0);
    }
  });
});

Deno.test("a database that does not answer is unavailable after the deadline, and asked again later", async () => {
  await withBench(async ({ make, open, database }) => {
    const link = openLink(database.serve);
    const pool = openPool(link.address, { max: 1, applicationName: "test" });
    try {
      await pool`select 1`;
      link.freeze();
      const authenticator = make({ sql: pool, deadlineMs: 50 });
      const { token } = await open();
      for (let i = 0; i < 2; i++) {
        const answer = await authenticator.authenticate(token, "hook");
        assert.equal(!answer.ok && answer.kind, "unavailable");
      }
    } finally {
      await pool.end({ timeout: 0 });
      await link.close();
    }
  });
});

Deno.test("a token known before the database went away does not count for longer than 500 ms", async () => {
  await withBench(async ({ make, open, database, clock }) => {
    const pool = openPool(database.serve, { max: 1, applicationName: "test" });
    const authenticator = make({ sql: pool });
    authenticator.listening();
    const { token } = await open();
    assert.ok((await authenticator.authenticate(token, "hook")).ok);
    await pool.end();
    authenticator.deaf();
    clock.steady += 501;
    const answer = await authenticator.authenticate(token, "hook");
    assert.equal(!answer.ok && answer.kind, "unavailable");
  });
});

Deno.test("memory is bounded: the oldest token makes room and is simply asked about again", async () => {
  await withBench(async ({ make, open, asked }) => {
    const authenticator = make({ capacity: 3 });
    const tokens: string[] = [];
    for (let i = 0; i < 5; i++) tokens.push((await open()).token);
    for (const token of tokens) await authenticator.authenticate(token, "hook");
    assert.equal(authenticator.size, 3);
    assert.equal(authenticator.cached(tokens[0], "hook"), undefined);
    assert.ok(authenticator.cached(tokens[4], "hook"));
    assert.equal(ruleOf(await authenticator.authenticate(tokens[0], "hook")), "accepted");
    assert.equal(asked.database, 6);
  });
});
