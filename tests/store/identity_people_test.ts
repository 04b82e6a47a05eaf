import assert from "node:assert/strict";
import {
  addBan,
  type Authenticated,
  Authenticator,
  changeMembers,
  createApiKey,
  createDepartment,
  createGroup,
  createServiceAccount,
  createUser,
  deleteDepartment,
  deleteGroup,
  deleteUser,
  findBans,
  findPersonalDetails,
  getApiKey,
  getServiceAccount,
  isGenuine,
  listApiKeys,
  listBans,
  listDepartments,
  listGroupsOf,
  listMembers,
  revokeApiKey,
  rotateApiKey,
  updateDepartment,
  updateUser,
  type User,
} from "../../src/identity/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { ADMIN, rejectsWith, withWorld, type World } from "./identity_world.ts";

const PAGE = { limit: 100, offset: 0 };

function makeUser({ context }: World, name: string, more: object = {}): Promise<User> {
  return createUser(context, ADMIN, { name, email: `${name}@example.com`, ...more });
}

function authenticator({ sql }: World): Authenticator {
  const refuse = () => Promise.reject(new Error("a key is no token: nobody is asked for one"));
  return new Authenticator({ verify: refuse, sql, clock: systemClock });
}

const KEY = { name: "ci", audiences: ["api"], scopes: ["audit:read"] } as const;

Deno.test("departments are a tree: moved, renamed with their users, never a circle", async () => {
  await withWorld(async (world) => {
    const { sql, context, events } = world;
    await createDepartment(context, ADMIN, { name: "finance", description: "Books" });
    await createDepartment(context, ADMIN, { name: "payroll", parent: "finance" });
    await createDepartment(context, ADMIN, { name: "emea", parent: "payroll" });
    const ada = await makeUser(world, "ada", { department: "emea" });
    await events();
    for (const parent of ["emea", "payroll", "finance"]) {
      await rejectsWith(updateDepartment(context, ADMIN, "finance", { parent }), "invalid");
    }
    assert.deepEqual(await events(), []);
    await updateDepartment(context, ADMIN, "payroll", { name: "wages" });
    const tree = await listDepartments(sql);
    assert.deepEqual(tree.map(({ path, members }) => [path.join("/"), members]), [
      ["finance", 0],
      ["finance/wages", 0],
      ["finance/wages/emea", 1],
    ]);
    await updateDepartment(context, ADMIN, "emea", { name: "EMEA 2", parent: "" });
    const [moved] = await sql`select department from users where id = ${ada.id}`;
    assert.equal(moved?.department, "EMEA 2");
    assert.deepEqual(await events(), Array(2).fill("identity:department_changed"));
    const same = await updateDepartment(context, ADMIN, "EMEA 2", { parent: "" });
    assert.equal(same.parent, null);
    assert.deepEqual(await events(), [], "nothing changed, no row");
  });
});

Deno.test("two moves at once close no circle", async () => {
  await withWorld(async ({ sql, context }) => {
    for (const name of ["a", "b"]) await createDepartment(context, ADMIN, { name });
    const moves = await Promise.allSettled([
      updateDepartment(context, ADMIN, "a", { parent: "b" }),
      updateDepartment(context, ADMIN, "b", { parent: "a" }),
    ]);
    assert.deepEqual(moves.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assert.equal((await listDepartments(sql)).length, 2, "both still hang from the top");
  });
});

Deno.test("departments that would mislead are refused: unknown, alike, too deep, not empty", async () => {
  await withWorld(async (world) => {
    const { context } = world;
    await createDepartment(context, ADMIN, { name: "finance" });
    for (const name of ["Finance", "FINANCE", "finance"]) {
      await rejectsWith(createDepartment(context, ADMIN, { name }), "conflict");
    }
    for (const name of ["", " x", "-x", "a/b", "a\nb", "x".repeat(101), "a\u202eb", "=cmd()"]) {
      await rejectsWith(createDepartment(context, ADMIN, { name }), "invalid");
    }
    for (const department of ["finanace", "Finance"]) {
      await rejectsWith(makeUser(world, "eve", { department }), "invalid");
    }
    await rejectsWith(createDepartment(context, ADMIN, { name: "x", parent: "none" }), "invalid");
    let parent = "finance";
    for (let depth = 2; depth <= 16; depth++) {
      await createDepartment(context, ADMIN, { name: `d${depth}`, parent });
      parent = `d${depth}`;
    }
    await rejectsWith(createDepartment(context, ADMIN, { name: "d17", parent }), "invalid");
    await createDepartment(context, ADMIN, { name: "root" });
    await rejectsWith(updateDepartment(context, ADMIN, "finance", { parent: "root" }), "invalid");
    await rejectsWith(deleteDepartment(context, ADMIN, "finance"), "conflict");
    const ada = await makeUser(world, "ada", { department: "root" });
    await rejectsWith(deleteDepartment(context, ADMIN, "root"), "conflict");
    await deleteUser(context, ADMIN, ada.id);
    await deleteDepartment(context, ADMIN, "root");
    await rejectsWith(deleteDepartment(context, ADMIN, "root"), "not_found");
  });
});

Deno.test("groups have members that exist, each change a row, and none after the user is deleted", async () => {
  await withWorld(async (world) => {
    const { sql, context, events } = world;
    const ada = await makeUser(world, "ada");
    const bob = await makeUser(world, "bob");
    const group = await createGroup(context, ADMIN, { name: "On call" });
    await rejectsWith(createGroup(context, ADMIN, { name: "on CALL" }), "conflict");
    await events();
    const changed = await changeMembers(context, ADMIN, group.id, {
      add: [ada.id, bob.id, ada.id, "nobody"],
    });
    assert.deepEqual([...changed.added].sort(), [ada.id, bob.id].sort());
    assert.deepEqual(await events(), ["identity:group_changed"]);
    const again = await changeMembers(context, ADMIN, group.id, { add: [ada.id], remove: ["x"] });
    assert.deepEqual(again, { added: [], removed: [] });
    assert.deepEqual(await events(), []);
    await deleteUser(context, ADMIN, ada.id);
    assert.deepEqual((await listMembers(sql, group.id, PAGE)).map(({ id }) => id), [bob.id]);
    assert.deepEqual([...await listGroupsOf(sql, ada.id)], []);
    await deleteGroup(context, ADMIN, group.id);
    assert.deepEqual([...await listGroupsOf(sql, bob.id)], []);
    await rejectsWith(deleteGroup(context, ADMIN, group.id), "not_found");
  });
});

Deno.test("a key lets in what it says, as whom it says, and leaves no trace of its text", async () => {
  await withWorld(async (world) => {
    const { sql, context, events } = world;
    await createDepartment(context, ADMIN, { name: "finance" });
    await createDepartment(context, ADMIN, { name: "payroll", parent: "finance" });
    const bot = await createServiceAccount(context, ADMIN, { name: "ci", department: "payroll" });
    const group = await createGroup(context, ADMIN, { name: "bots" });
    await changeMembers(context, ADMIN, group.id, { add: [bot.id] });
    await events();
    const { key, text } = await createApiKey(context, ADMIN, {
      ...{ userId: bot.id, name: "ci", audiences: ["api", "hook"], scopes: ["audit:*"] },
    });
    assert.deepEqual(await events(), ["identity:session_created", "identity:token_issued"]);
    const gate = authenticator(world);
    const who = await gate.authenticate(text, "api");
    assert.ok(who.ok, JSON.stringify(who));
    assert.deepEqual(
      [who.userId, who.sessionId, who.tokenId, who.tier, who.audience, who.clientId],
      [bot.id, key.sessionId, key.id, "service", "api", `key:${key.prefix}`],
    );
    assert.deepEqual([who.departments, who.groups], [["payroll", "finance"], ["bots"]]);
    assert.deepEqual(who.keyScopes, ["audit:*"]);
    assert.ok((await gate.authenticate(text, "hook")).ok);
    const refused = await gate.authenticate(text, "mcp");
    assert.equal(!refused.ok && refused.rule, "wrong_audience");
    const [all] = await sql`
      select (select string_agg(k::text, '') from api_keys k) ||
             (select string_agg(s::text, '') from sessions s) ||
             (select string_agg(a::text, '') from audit a) as text`;
    assert.ok(!String(all?.text).includes(text.slice(18)));
    assert.ok(String(all?.text).includes(key.prefix));
  });
});

Deno.test("what is no key of ours is refused: altered, cut, of another case, made up", async () => {
  await withWorld(async (world) => {
    const bot = await createServiceAccount(world.context, ADMIN, { name: "ci" });
    const { text } = await createApiKey(world.context, ADMIN, { ...KEY, userId: bot.id });
    const gate = authenticator(world);
    const flipped = text.slice(0, -1) + (text.endsWith("A") ? "B" : "A");
    for (const other of [flipped, `spgk_${"0".repeat(12)}_${"A".repeat(43)}`]) {
      const who = await gate.authenticate(other, "api");
      assert.equal(!who.ok && who.rule, "unknown_key");
    }
    for (const other of [text.slice(0, -1), text.toUpperCase(), `${text} `, `${text}A`, "spgk_"]) {
      const who = await gate.authenticate(other, "api");
      assert.equal(!who.ok && who.rule, "malformed");
    }
    assert.equal(gate.size, 0);
  });
});

Deno.test("a key ends with itself, its session, its user, its role, its device, its time", async () => {
  await withWorld(async (world) => {
    const { sql, context } = world;
    const ends: Record<string, (user: User, text: string) => Promise<unknown>> = {
      session_ended: async (_, text) => {
        const key = await getApiKey(sql, text.slice(0, 17));
        assert.equal(await revokeApiKey(context, ADMIN, key), true);
        assert.equal(await revokeApiKey(context, ADMIN, key), false);
      },
      user_inactive: (user) => updateUser(context, ADMIN, user.id, { status: "suspended" }),
      role_withdrawn: (user) => updateUser(context, ADMIN, user.id, { roles: ["anonymous"] }),
      banned: () =>
        addBan(context, ADMIN, { kind: "device", subject: "laptop-banned", reason: "stolen" }),
    };
    for (const [rule, end] of Object.entries(ends)) {
      const user = await makeUser(world, rule);
      const { text } = await createApiKey(context, ADMIN, {
        ...{ ...KEY, userId: user.id, device: `laptop-${rule}` },
      });
      assert.ok((await authenticator(world).authenticate(text, "api")).ok, rule);
      await end(user, text);
      const after = await authenticator(world).authenticate(text, "api");
      assert.equal(!after.ok && after.rule, rule);
    }
    const gone = await makeUser(world, "gone");
    const { text } = await createApiKey(context, ADMIN, { ...KEY, userId: gone.id });
    await deleteUser(context, ADMIN, gone.id);
    const after = await authenticator(world).authenticate(text, "api");
    assert.equal(!after.ok && after.rule, "session_ended");
    await rejectsWith(createApiKey(context, ADMIN, { ...KEY, userId: gone.id }), "denied");
    const old = await makeUser(world, "old");
    const made = await createApiKey(context, ADMIN, { ...KEY, userId: old.id, ttlMs: 60_000 });
    await sql`update sessions set expires_at = now() - interval '2 minutes' where id = ${made.key.sessionId}`;
    const late = await authenticator(world).authenticate(made.text, "api");
    assert.equal(!late.ok && late.rule, "expired");
  });
});

Deno.test("what was kept of a key is asked again when user, device, department or group changes", async () => {
  await withWorld(async (world) => {
    const { context } = world;
    await createDepartment(context, ADMIN, { name: "sales" });
    const ada = await makeUser(world, "ada", { department: "sales" });
    const { key, text } = await createApiKey(context, ADMIN, { ...KEY, userId: ada.id });
    const gate = authenticator(world);
    gate.listening();
    const known = (): Authenticated | undefined => gate.cached(text, "api");
    const learn = () => gate.authenticate(text, "api");
    for (
      const subject of [
        `session:${key.sessionId}`,
        `user:${ada.id}`,
        "department:sales",
        "group:g",
        "device:laptop",
      ]
    ) {
      await learn();
      assert.ok(known(), subject);
      gate.heard("user:somebody-else");
      gate.heard("address:192.0.2.1");
      assert.ok(known(), subject);
      gate.heard(subject);
      assert.equal(known(), undefined, subject);
    }
    assert.equal(gate.cached(text, "hook"), undefined);
  });
});

Deno.test("nobody makes a key above their own tier, or one that reaches further than theirs", async () => {
  await withWorld(async (world) => {
    const { sql, context } = world;
    const boss = await makeUser(world, "boss", { roles: ["admin"] });
    const ada = await makeUser(world, "ada");
    const asUser = { ...ADMIN, role: "user" } as const;
    await rejectsWith(createApiKey(context, asUser, { ...KEY, userId: boss.id }), "denied");
    const narrow = { ...ADMIN, keyScopes: ["keys:*", "audit:read"] };
    await createApiKey(context, narrow, { ...KEY, userId: ada.id });
    for (const scopes of [["*"], ["audit:*"], ["audit:read", "users:read"]]) {
      await rejectsWith(
        createApiKey(context, narrow, { ...KEY, userId: ada.id, scopes }),
        "denied",
      );
    }
    await rejectsWith(
      createApiKey(context, ADMIN, { ...KEY, userId: ada.id, role: "admin" }),
      "denied",
    );
    for (
      const bad of [
        { scopes: [] },
        { scopes: ["a b"] },
        { name: " " },
        { name: "x\u0000" },
        { device: "" },
      ]
    ) {
      await rejectsWith(
        createApiKey(context, ADMIN, { ...KEY, userId: ada.id, ...bad }),
        "invalid",
      );
    }
    for (const bad of [{ audiences: [] }, { ttlMs: 0 }, { ttlMs: NaN }, { ttlMs: 4e10 }]) {
      await rejectsWith(createApiKey(context, ADMIN, { ...KEY, userId: ada.id, ...bad }), "usage");
    }
    assert.equal((await listApiKeys(sql, {}, PAGE)).length, 1);
  });
});

Deno.test("a tier raises nobody above itself and touches nobody above it", async () => {
  await withWorld(async (world) => {
    const { context, events } = world;
    const boss = await makeUser(world, "boss", { roles: ["admin"] });
    const ada = await makeUser(world, "ada");
    await events();
    const asUser = { ...ADMIN, userId: ada.id, role: "user" } as const;
    await rejectsWith(updateUser(context, asUser, ada.id, { roles: ["admin"] }), "denied");
    await rejectsWith(updateUser(context, asUser, boss.id, { status: "suspended" }), "denied");
    await rejectsWith(updateUser(context, asUser, boss.id, { email: "x@example.com" }), "denied");
    await rejectsWith(deleteUser(context, asUser, boss.id), "denied");
    await rejectsWith(
      createUser(context, asUser, { name: "m", email: "m@example.com", roles: ["admin"] }),
      "denied",
    );
    await rejectsWith(
      createServiceAccount(context, asUser, { name: "m", roles: ["admin"] }),
      "denied",
    );
    assert.deepEqual(await events(), []);
  });
});

Deno.test("a rotated key ends as the new one begins, with the same reach and life", async () => {
  await withWorld(async (world) => {
    const { sql, context } = world;
    const bot = await createServiceAccount(context, ADMIN, { name: "ci" });
    const first = await createApiKey(context, ADMIN, {
      ...{ ...KEY, userId: bot.id, ttlMs: 3_600_000, device: "runner-1", agent: "deployer" },
    });
    const second = await rotateApiKey(context, ADMIN, first.key);
    const gate = authenticator(world);
    assert.equal((await gate.authenticate(first.text, "api")).ok, false);
    const who = await gate.authenticate(second.text, "api");
    assert.ok(who.ok);
    assert.deepEqual([who.agent, who.keyScopes], ["deployer", ["audit:read"]]);
    assert.equal(second.key.device, "runner-1");
    assert.equal(second.key.expiresAt.getTime() - second.key.createdAt.getTime(), 3_600_000);
    await rejectsWith(rotateApiKey(context, ADMIN, await getApiKey(sql, first.key.id)), "conflict");
    await rejectsWith(getApiKey(sql, "ci"), "conflict");
  });
});

Deno.test("service accounts are nobody who signs in, and no last administrator", async () => {
  await withWorld(async (world) => {
    const { sql, context } = world;
    const boss = await makeUser(world, "boss", { roles: ["admin"] });
    const ada = await makeUser(world, "ada", { roles: ["user"] });
    const bot = await createServiceAccount(context, ADMIN, {
      ...{ name: "root-bot", roles: ["admin"], owner: "ada" },
    });
    assert.deepEqual([bot.kind, bot.ownerId, bot.email], [
      "service",
      ada.id,
      "root-bot@service.invalid",
    ]);
    await rejectsWith(updateUser(context, ADMIN, boss.id, { roles: ["user"] }), "conflict");
    await rejectsWith(deleteUser(context, ADMIN, boss.id), "conflict");
    await rejectsWith(createServiceAccount(context, ADMIN, { name: "root-bot" }), "conflict");
    await rejectsWith(
      createServiceAccount(context, ADMIN, { name: "x", owner: "root-bot" }),
      "invalid",
    );
    for (const name of ["", "A", "a b", "-a", "a@b"]) {
      await rejectsWith(createServiceAccount(context, ADMIN, { name }), "invalid");
    }
    await deleteUser(context, ADMIN, ada.id);
    assert.equal((await getServiceAccount({ sql }, "root-bot")).ownerId, null);
    await rejectsWith(getServiceAccount({ sql }, "boss"), "not_found");
  });
});

Deno.test("what rows say of people stands beside the audit, bound to the row", async () => {
  await withWorld(async (world) => {
    const { sql, context } = world;
    const ada = await makeUser(world, "ada");
    await updateUser(context, ADMIN, ada.id, { email: "new@example.com", fullName: "Ada L" });
    const rows = await sql`select target, detail from audit order by id`;
    const text = JSON.stringify(rows);
    assert.doesNotMatch(text, /example\.com|Ada L/);
    const found = await findPersonalDetails(sql, rows.map(({ detail }) => detail.personal));
    assert.equal(found.length, 2);
    assert.ok(found.every(isGenuine));
    const updated = found.find(({ commitment }) => commitment === rows[1]?.detail.personal);
    assert.deepEqual(updated?.detail, {
      email: "new@example.com",
      name: "ada",
      changes: {
        email: { from: "ada@example.com", to: "new@example.com" },
        full_name: { from: null, to: "Ada L" },
      },
    });
    assert.deepEqual(rows[1]?.detail.changed, ["email", "full_name"]);
    assert.ok(updated && !isGenuine({ ...updated, detail: { email: "other@example.com" } }));
  });
});

Deno.test("a ban knows who added it, how often, and what it is about", async () => {
  await withWorld(async ({ sql, context }) => {
    const device = { kind: "device", subject: "laptop-7", reason: "stolen" } as const;
    await addBan(context, ADMIN, device);
    const again = await addBan(context, ADMIN, {
      ...device,
      expiresAt: new Date(Date.now() + 1e6),
    });
    assert.deepEqual([again.times, again.source, again.createdBy], [2, "api", "root"]);
    await addBan(context, ADMIN, { kind: "address", subject: "10.1.0.0/16", reason: "scans" });
    assert.equal((await listBans(sql, 10)).length, 2);
    assert.deepEqual((await listBans(sql, 10, { kind: "device" })).map(({ subject }) => subject), [
      "laptop-7",
    ]);
    assert.equal((await listBans(sql, 10, { source: "cli" })).length, 0);
    assert.equal((await findBans(sql, "device", ["laptop-7", "x"])).length, 1);
  });
});
