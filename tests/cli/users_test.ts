import assert from "node:assert/strict";
import { withAdminHome } from "./admin_home.ts";

const ADA = ["--name", "ada", "--email", "ada@example.com"];

Deno.test("admin users: create, show, list, search, count", async () => {
  await withAdminHome(async ({ json, run, sql }) => {
    const made = await json([
      "users",
      "create",
      ...ADA,
      "--full-name",
      "Ada L",
      "--roles",
      "service,mcp",
    ]);
    assert.deepEqual([made.full_name, made.roles], ["Ada L", ["service", "mcp"]]);
    await json(["users", "create", "--name", "bob", "--email", "bob@example.com"]);
    for (const reference of [made.id, "ada", "ADA@example.com"]) {
      assert.equal((await json(["users", "show", reference])).id, made.id);
    }
    const page = await json(["users", "list", "--limit", "1", "--offset", "1"]);
    assert.deepEqual(page.users.map(({ name }: { name: string }) => name), ["bob"]);
    assert.deepEqual([page.total, page.limit, page.offset], [2, 1, 1]);
    assert.deepEqual((await json(["users", "list", "--role", "admin"])).users, []);
    assert.equal((await json(["users", "search", "BOB@"])).total, 1);
    assert.deepEqual((await json(["users", "count", "--breakdown"])).by_role, {
      mcp: 1,
      service: 1,
      user: 1,
    });
    const plain = await run(["users", "count"]);
    assert.equal(plain.stdout, "2\n");
    const [row] = await sql`
      select * from audit where target = 'identity:user_created' and detail->'user'->>'id' = ${made.id}`;
    assert.deepEqual([row?.userId, row?.surface, row?.role], ["operator", "cli", "admin"]);
  });
});

Deno.test("admin users: update, roles and delete, each with its row", async () => {
  await withAdminHome(async ({ json, run, sql }) => {
    const { id } = await json(["users", "create", ...ADA]);
    assert.equal(
      (await json(["users", "update", "ada", "--status", "suspended"])).status,
      "suspended",
    );
    await sql`insert into departments (name) values ('x')`;
    assert.equal(
      (await json(["users", "update", "ada", "--status", "active", "--department", "x"]))
        .department,
      "x",
    );
    assert.deepEqual(
      (await json(["users", "role", "assign", "ada", "--roles", "user", "--roles", "mcp"])).roles,
      [
        "user",
        "mcp",
      ],
    );
    assert.deepEqual((await json(["users", "role", "promote", "ada"])).roles, [
      "admin",
      "user",
      "mcp",
    ]);
    const last = await run(["users", "role", "demote", "ada"]);
    assert.equal(last.code, 1);
    assert.match(last.stderr, /last administrator/);
    await json([
      "users",
      "create",
      "--name",
      "eve",
      "--email",
      "eve@example.com",
      "--roles",
      "admin",
    ]);
    assert.deepEqual((await json(["users", "role", "demote", "ada"])).roles, ["user", "mcp"]);
    const unasked = await run(["users", "delete", "ada"]);
    assert.equal(unasked.code, 2);
    assert.equal((await json(["users", "show", "ada"])).status, "active");
    await json(["users", "delete", "ada", "--yes"]);
    assert.equal((await run(["users", "show", "ada"])).code, 3);
    const rows = await sql`
      select target, count(*) as n from audit
       where detail->'user'->>'id' = ${id} group by target order by target`;
    assert.deepEqual(rows.map(({ target, n }) => [target, n]), [
      ["identity:role_changed", 3],
      ["identity:user_created", 1],
      ["identity:user_deleted", 1],
      ["identity:user_suspended", 1],
      ["identity:user_updated", 1],
    ]);
  });
});

Deno.test("admin users: exit statuses and error documents", async () => {
  await withAdminHome(async ({ json, run }) => {
    await json(["users", "create", ...ADA]);
    const cases: readonly [readonly string[], number, string][] = [
      [["users", "show", "nobody"], 3, "not_found"],
      [["users", "create", ...ADA], 1, "conflict"],
      [["users", "create", "--name", "x", "--email", "not an email"], 5, "invalid"],
      [["users", "create", "--name", "x"], 2, "usage"],
      [["users", "update", "ada"], 2, "usage"],
      [["users", "update", "ada", "--status", "deleted"], 2, "usage"],
      [["users", "role", "assign", "ada", "--roles", "root"], 2, "usage"],
      [["users", "role", "assign", "ada"], 2, "usage"],
      [["users", "list", "--limit", "-1"], 2, "usage"],
    ];
    for (const [args, code, name] of cases) {
      const result = await run([...args, "--json"]);
      assert.equal(result.code, code, args.join(" "));
      assert.equal(JSON.parse(result.stdout).error.code, name, args.join(" "));
    }
    assert.equal((await json(["users", "count"])).count, 1);
  });
});
