import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import {
  beginPasskeySignIn,
  beginRegistration,
  createUser,
  findPasskeyHost,
  finishRegistration,
  forgetOverSignIns,
  listPasskeys,
  removePasskey,
  signInWithPasskey,
  updateUser,
  type User,
} from "../../src/identity/mod.ts";
import { hashOpaque } from "../../src/kernel/opaque.ts";
import { Authenticator, type Twist } from "../support/authenticator.ts";
import { ADMIN, BROWSER, rejectsWith, withWorld, type World } from "./identity_world.ts";

const ORIGIN = "https://gov.example.com";
const HOST = { host: "gov.example.com", origin: ORIGIN };
const HOLDER = hashOpaque("this browser");
const OTHER = hashOpaque("another browser");

// deno-lint-ignore no-explicit-any
type Options = any;

function makeUser({ context }: World, name = "ada"): Promise<User> {
  return createUser(context, ADMIN, { name, email: `${name}@example.com` });
}

function registrationOf(user: User, holder = HOLDER) {
  const { id, email, name } = user;
  return { user: { userId: id, email, name }, host: HOST, holder };
}

async function register(world: World, user: User, device: Authenticator, twist?: Twist) {
  const options: Options = await beginRegistration(world.sql, registrationOf(user));
  const json = device.create(options, twist);
  await finishRegistration(world.context, ADMIN, registrationOf(user), { name: "laptop", json });
}

async function answerOf(world: World, device: Authenticator, twist?: Twist, holder = HOLDER) {
  const options: Options = await beginPasskeySignIn(world.sql, { host: HOST, holder });
  return device.get(options, twist);
}

function signIn({ context, sql }: World, json: string, holder = HOLDER) {
  const signInContext = { ...context, sql, mayRecord: () => true };
  return signInWithPasskey(signInContext, { host: HOST, holder }, json, BROWSER);
}

Deno.test("a passkey is added, signs in without a name, and is removed, each with its rows", async () => {
  await withWorld(async (world) => {
    const { sql, context, events } = world;
    const ada = await makeUser(world);
    const device = new Authenticator(ORIGIN);
    await events();
    await register(world, ada, device);
    assert.deepEqual(await events(), ["identity:passkey_added"]);
    const result = await signIn(world, await answerOf(world, device));
    assert.ok(result.ok);
    assert.equal(result.user.id, ada.id);
    assert.deepEqual(await events(), ["identity:session_created", "identity:signed_in"]);
    const [passkey] = await listPasskeys(sql, ada.id);
    assert.deepEqual([passkey?.name, passkey?.host, passkey?.counter], ["laptop", HOST.host, 2]);
    assert.ok(passkey?.lastUsedAt);
    await removePasskey(context, ADMIN, ada.id, device.id);
    assert.deepEqual(await events(), ["identity:passkey_removed"]);
    const after = await signIn(world, await answerOf(world, device));
    assert.ok(!after.ok && after.rule === "unknown_passkey");
    await rejectsWith(removePasskey(context, ADMIN, ada.id, device.id), "not_found");
  });
});

const WRONG: Readonly<Record<string, Twist>> = {
  "for another origin": { origin: "https://gov.example.com.evil.example" },
  "for another port": { origin: `${ORIGIN}:8443` },
  "without TLS": { origin: "http://gov.example.com" },
  "for another host": { host: "example.com" },
  "without verifying the user": { userVerified: false },
  "of another type": { type: "payment.get" },
};

for (const [name, twist] of Object.entries(WRONG)) {
  Deno.test(`a new passkey made ${name} is refused`, async () => {
    await withWorld(async (world) => {
      const ada = await makeUser(world);
      await rejectsWith(register(world, ada, new Authenticator(ORIGIN), twist), "invalid");
      assert.equal((await listPasskeys(world.sql, ada.id)).length, 0);
    });
  });
}

const WRONG_ANSWERS: Readonly<Record<string, Twist>> = {
  ...WRONG,
  "by another key": { forged: true },
  "with a counter that does not grow": { counter: 1 },
  "in another user's name": { userHandle: "b3BlcmF0b3I" },
};

for (const [name, twist] of Object.entries(WRONG_ANSWERS)) {
  Deno.test(`an answer ${name} signs nobody in and is one row`, async () => {
    await withWorld(async (world) => {
      const ada = await makeUser(world);
      const device = new Authenticator(ORIGIN);
      await register(world, ada, device);
      await world.events();
      const result = await signIn(world, await answerOf(world, device, twist));
      assert.ok(!result.ok);
      assert.equal(result.rule, "wrong_passkey");
      assert.deepEqual(await world.events(), ["identity:sign_in_failed"]);
    });
  });
}

Deno.test("a challenge is good for one answer, of one browser, for one purpose, for five minutes", async () => {
  await withWorld(async (world) => {
    const { sql } = world;
    const ada = await makeUser(world);
    const device = new Authenticator(ORIGIN);
    await register(world, ada, device);

    const once = await answerOf(world, device);
    assert.ok((await signIn(world, once)).ok);
    assert.ok(!(await signIn(world, once)).ok, "replayed");

    assert.ok(!(await signIn(world, await answerOf(world, device), OTHER)).ok, "another browser");

    const forNew: Options = await beginRegistration(sql, registrationOf(ada));
    assert.ok(!(await signIn(world, device.get(forNew))).ok, "another purpose");

    const late = await answerOf(world, device);
    await sql`update passkey_challenges set expires_at = clock_timestamp()`;
    assert.ok(!(await signIn(world, late)).ok, "too late");
    await forgetOverSignIns(sql);
    assert.equal((await sql`select 1 from passkey_challenges`).length, 0);

    assert.ok(!(await signIn(world, device.get({ challenge: "aW52ZW50ZWQ" }))).ok, "invented");
  });
});

Deno.test("answers that are none are refused", async () => {
  await withWorld(async (world) => {
    const ada = await makeUser(world);
    const device = new Authenticator(ORIGIN);
    await register(world, ada, device);
    const sound = JSON.parse(await answerOf(world, device));
    const answers = [
      "",
      "null",
      "[]",
      "{}",
      "{",
      JSON.stringify({ ...sound, id: "x".repeat(2000) }),
      JSON.stringify({ ...sound, response: {} }),
      JSON.stringify({ ...sound, response: { ...sound.response, clientDataJSON: "e30" } }),
      JSON.stringify({ ...sound, response: { ...sound.response, authenticatorData: "AA" } }),
      JSON.stringify({ ...sound, response: { ...sound.response, signature: "" } }),
      JSON.stringify({ ...sound, padding: "x".repeat(70_000) }),
    ];
    for (const json of answers) {
      const result = await signIn(world, json);
      assert.ok(!result.ok, json.slice(0, 100));
      const given = { name: "x", json };
      await rejectsWith(
        finishRegistration(world.context, ADMIN, registrationOf(ada), given),
        "invalid",
      );
    }
  });
});

Deno.test("a passkey belongs to one user, who has twenty at most", async () => {
  await withWorld(async (world) => {
    const [ada, bob] = [await makeUser(world), await makeUser(world, "bob")];
    const device = new Authenticator(ORIGIN);
    await register(world, ada, device);
    await rejectsWith(register(world, bob, device), "conflict");
    await rejectsWith(removePasskey(world.context, ADMIN, bob.id, device.id), "not_found");
    for (let i = 0; i < 20; i++) await register(world, bob, new Authenticator(ORIGIN));
    await rejectsWith(register(world, bob, new Authenticator(ORIGIN)), "conflict");
    assert.equal((await listPasskeys(world.sql, ada.id)).length, 1);
  });
});

Deno.test("whoever is not let in is not let in by a passkey either", async () => {
  await withWorld(async (world) => {
    const ada = await makeUser(world);
    const device = new Authenticator(ORIGIN);
    await register(world, ada, device);
    await updateUser(world.context, ADMIN, ada.id, { status: "suspended" });
    const result = await signIn(world, await answerOf(world, device));
    assert.ok(!result.ok && result.rule === "not_let_in");
  });
});

Deno.test("egress can do all of it with its own rights, and no more; what serves can do none", async () => {
  await withWorld(async (world) => {
    const ada = await makeUser(world);
    const serve = openPool(world.database.serve, { max: 2, applicationName: "test" });
    const egress = openPool(world.database.vault, { max: 2, applicationName: "test" });
    const as = (sql: typeof serve) => ({ ...world, sql, context: { ...world.context, sql } });
    const served = as(egress);
    try {
      await assert.rejects(register(as(serve), ada, new Authenticator(ORIGIN)), { code: "42501" });
      const device = new Authenticator(ORIGIN);
      await register(served, ada, device);
      assert.ok((await signIn(served, await answerOf(served, device))).ok);
      for (const login of [serve, egress]) {
        await assert.rejects(login`update passkeys set user_id = 'operator'`);
        await assert.rejects(login`update passkeys set public_key = ''`);
      }
      await removePasskey(served.context, ADMIN, ada.id, device.id);
    } finally {
      await egress.end({ timeout: 2 });
      await serve.end({ timeout: 2 });
    }
  });
});

Deno.test("browsers make passkeys for names only", () => {
  assert.deepEqual(findPasskeyHost(ORIGIN), HOST);
  assert.equal(findPasskeyHost("http://localhost:8080")?.host, "localhost");
  for (const base of ["http://127.0.0.1:8080", "http://[::1]:8080", "https://192.0.2.1"]) {
    assert.equal(findPasskeyHost(base), undefined);
  }
});
