import assert from "node:assert/strict";
import {
  assignRoles,
  countUsers,
  countUsersBy,
  createDepartment,
  createUser,
  deleteUser,
  demoteUser,
  ensureOperator,
  getUser,
  type IdentityContext,
  listUsers,
  OPERATOR_ID,
  promoteUser,
  updateUser,
} from "../../src/identity/mod.ts";
import { ADMIN, rejectsWith, withWorld } from "./identity_world.ts";

const ALICE = { email: "alice@example.com", name: "alice" };

Deno.test("a user is created with the role user and one row that says who did it", async () => {
  await withWorld(async ({ sql, context }) => {
    await createDepartment(context, ADMIN, { name: "sales" });
    const user = await createUser(context, ADMIN, { ...ALICE, department: "sales" });
    assert.deepEqual(user.roles, ["user"]);
    assert.equal(user.status, "active");
    const rows = await sql`select * from audit where target = 'identity:user_created'`;
    assert.equal(rows.length, 1);
    const [row] = rows;
    assert.equal(row?.kind, "identity");
    assert.equal(row?.target, "identity:user_created");
    assert.equal(row?.userId, "root");
    assert.equal(row?.sessionId, "sess_root");
    assert.equal(row?.detail.user.id, user.id);
    assert.equal(row?.detail.user.department, "sales");
  });
});

Deno.test("no change without its row: when recording fails nothing has changed", async () => {
  await withWorld(async ({ sql, context }) => {
    const alice = await createUser(context, ADMIN, ALICE);
    const broken: IdentityContext = {
      ...context,
      record: () => Promise.reject(new Error("the audit is full")),
    };
    await assert.rejects(createUser(broken, ADMIN, { email: "b@example.com", name: "b" }));
    await assert.rejects(updateUser(broken, ADMIN, alice.id, { status: "suspended" }));
    await assert.rejects(promoteUser(broken, ADMIN, alice.id));
    await assert.rejects(deleteUser(broken, ADMIN, alice.id));
    assert.deepEqual([...await listUsers(sql, {}, { limit: 10, offset: 0 })], [alice]);
    const [count] = await sql`select count(*) as n from audit`;
    assert.equal(count?.n, 1);
  });
});

Deno.test("an email belongs to one user, in whatever case, until that user is deleted", async () => {
  await withWorld(async ({ context, events }) => {
    const alice = await createUser(context, ADMIN, ALICE);
    const twin = { email: "ALICE@example.com", name: "other" };
    await rejectsWith(createUser(context, ADMIN, twin), "conflict");
    const bob = await createUser(context, ADMIN, { email: "bob@example.com", name: "bob" });
    await rejectsWith(
      updateUser(context, ADMIN, bob.id, { email: "Alice@Example.com" }),
      "conflict",
    );
    await events();
    await deleteUser(context, ADMIN, alice.id);
    await createUser(context, ADMIN, twin);
    assert.deepEqual(await events(), ["identity:user_created", "identity:user_deleted"]);
  });
});

Deno.test("fields that would break rows, tables or policies are refused", async () => {
  await withWorld(async ({ context, events }) => {
    const bad = [
      { email: "no-at-sign", name: "x" },
      { email: "a b@example.com", name: "x" },
      { email: "a@example.com\n", name: "a\u0000b" },
      { email: "a@example.com", name: " " },
      { email: "a@example.com", name: "x".repeat(201) },
      { email: "a@example.com", name: "a\u202eb" },
      { email: "a@example.com", name: "\ud800" },
      { email: "a@example.com", name: "x", displayName: "\u001b[31mred" },
      { email: "a@example.com", name: "x", roles: [] },
    ];
    for (const input of bad) await rejectsWith(createUser(context, ADMIN, input), "invalid");
    assert.deepEqual(await events(), []);
  });
});

Deno.test("updates record what changed, and nothing where nothing changed", async () => {
  await withWorld(async ({ sql, context, events }) => {
    const alice = await createUser(context, ADMIN, ALICE);
    await events();
    const unchanged = await updateUser(context, ADMIN, alice.id, { name: "alice" });
    assert.deepEqual(unchanged, alice);
    assert.deepEqual(await events(), []);
    await updateUser(context, ADMIN, alice.id, { displayName: "Al", status: "suspended" });
    assert.deepEqual(await events(), ["identity:user_suspended", "identity:user_updated"]);
    const [row] = await sql`select detail from audit where target = 'identity:user_updated'`;
    assert.deepEqual([row?.detail.changed, row?.detail.changes], [["display_name"], {}]);
    const back = await updateUser(context, ADMIN, alice.id, { status: "active", displayName: "" });
    assert.equal(back.displayName, null);
    assert.deepEqual(await events(), ["identity:user_updated"]);
    await rejectsWith(updateUser(context, ADMIN, alice.id, { status: "deleted" }), "usage");
    await rejectsWith(updateUser(context, ADMIN, "nobody", { name: "x" }), "not_found");
  });
});

Deno.test("roles are replaced, promoted and demoted, each with its row", async () => {
  await withWorld(async ({ sql, context, events }) => {
    await ensureOperator(context);
    const alice = await createUser(context, ADMIN, ALICE);
    await events();
    const assigned = await assignRoles(context, ADMIN, alice.id, ["mcp", "service", "mcp"]);
    assert.deepEqual(assigned.roles, ["service", "mcp"]);
    assert.deepEqual((await promoteUser(context, ADMIN, alice.id)).roles, [
      "admin",
      "service",
      "mcp",
    ]);
    assert.deepEqual((await demoteUser(context, ADMIN, alice.id)).roles, ["service", "mcp"]);
    await demoteUser(context, ADMIN, alice.id);
    assert.deepEqual(await events(), Array(3).fill("identity:role_changed"));
    const [row] = await sql`
      select detail from audit where target = 'identity:role_changed' and detail->>'from' = '["user"]'`;
    assert.deepEqual([row?.detail.from, row?.detail.to], [["user"], ["service", "mcp"]]);
    await assignRoles(context, ADMIN, alice.id, ["admin"]);
    assert.deepEqual((await demoteUser(context, ADMIN, alice.id)).roles, ["user"]);
  });
});

Deno.test("the last active administrator stays, even when two step down at once", async () => {
  await withWorld(async ({ sql, context }) => {
    const { user: operator } = await ensureOperator(context);
    for (const change of [{ roles: ["user"] as const }, { status: "suspended" as const }]) {
      await rejectsWith(updateUser(context, ADMIN, operator.id, change), "conflict");
    }
    const alice = await createUser(context, ADMIN, { ...ALICE, roles: ["admin"] });
    const both = await Promise.allSettled([
      demoteUser(context, ADMIN, operator.id),
      demoteUser(context, ADMIN, alice.id),
    ]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assert.equal(await countUsers(sql, { role: "admin", status: "active" }), 1);
  });
});

Deno.test("the operator is made once, however many start together, and cannot be deleted", async () => {
  await withWorld(async ({ context, events }) => {
    const made = await Promise.all(Array.from({ length: 5 }, () => ensureOperator(context)));
    assert.equal(made.filter(({ created }) => created).length, 1);
    assert.deepEqual(made[0]?.user.roles, ["admin"]);
    assert.equal(made[0]?.user.id, OPERATOR_ID);
    assert.deepEqual(await events(), ["identity:user_created"]);
    await createUser(context, ADMIN, { ...ALICE, roles: ["admin"] });
    await rejectsWith(deleteUser(context, ADMIN, OPERATOR_ID), "conflict");
  });
});

Deno.test("a deleted user is gone from lists and names, but its id still tells who it was", async () => {
  await withWorld(async ({ sql, context }) => {
    const alice = await createUser(context, ADMIN, ALICE);
    await deleteUser(context, ADMIN, alice.id);
    await rejectsWith(getUser(sql, "alice"), "not_found");
    await rejectsWith(getUser(sql, ALICE.email), "not_found");
    assert.equal((await getUser(sql, alice.id)).status, "deleted");
    assert.equal(await countUsers(sql, {}), 0);
    assert.equal(await countUsers(sql, { status: "deleted" }), 1);
    await rejectsWith(updateUser(context, ADMIN, alice.id, { status: "active" }), "not_found");
  });
});

Deno.test("a user is found by id, email in any case or name; an ambiguous name is refused", async () => {
  await withWorld(async ({ sql, context }) => {
    const alice = await createUser(context, ADMIN, ALICE);
    assert.equal((await getUser(sql, alice.id)).id, alice.id);
    assert.equal((await getUser(sql, "Alice@EXAMPLE.com")).id, alice.id);
    assert.equal((await getUser(sql, "alice")).id, alice.id);
    await createUser(context, ADMIN, { email: "alice@other.example", name: "alice" });
    await rejectsWith(getUser(sql, "alice"), "conflict");
    assert.equal((await getUser(sql, ALICE.email)).id, alice.id);
    // A name that looks like somebody's email does not shadow that user.
    await createUser(context, ADMIN, { email: "eve@example.com", name: ALICE.email });
    assert.equal((await getUser(sql, ALICE.email)).id, alice.id);
    for (const pattern of ["%", "_lice", "alice%", "' or true --"]) {
      await rejectsWith(getUser(sql, pattern), "not_found");
    }
  });
});

Deno.test("lists filter by role, status and text, and the total does not depend on the page", async () => {
  await withWorld(async ({ sql, context }) => {
    const names = ["ann", "bob", "cyn_x", "dan%", "Éva"];
    for (const name of names) {
      await createUser(context, ADMIN, {
        name,
        email: `${encodeURIComponent(name).replaceAll("%", "")}@example.com`,
        roles: name === "bob" ? ["service"] : ["user"],
      });
    }
    const page = (filter: object, limit = 10, offset = 0) =>
      listUsers(sql, filter, { limit, offset }).then((users) => users.map(({ name }) => name));
    assert.deepEqual(await page({}), names);
    assert.deepEqual(await page({}, 2, 1), ["bob", "cyn_x"]);
    assert.equal(await countUsers(sql, {}), 5);
    assert.deepEqual(await page({ role: "service" }), ["bob"]);
    assert.deepEqual(await page({ text: "N" }), ["ann", "cyn_x", "dan%"]);
    assert.deepEqual(await page({ text: "_" }), ["cyn_x"]);
    assert.deepEqual(await page({ text: "n%" }), ["dan%"]);
    const counts = await countUsersBy(sql);
    assert.deepEqual(counts, {
      total: 5,
      byStatus: { active: 5 },
      byRole: { service: 1, user: 4 },
    });
  });
});
