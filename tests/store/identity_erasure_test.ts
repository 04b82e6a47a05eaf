import assert from "node:assert/strict";
import {
  anonymiseUser,
  changeMembers,
  createApiKey,
  createGroup,
  createServiceAccount,
  createUser,
  deleteUsers,
  ensureOperator,
  findPersonalDetails,
  forgetOverSignIns,
  getUser,
  listGroupsOf,
  mergeUsers,
  openBrowserSession,
  OPERATOR_ID,
  updateUsers,
  type User,
} from "../../src/identity/mod.ts";
import { ADMIN, BROWSER, rejectsWith, withWorld, type World } from "./identity_world.ts";

function makeUser({ context }: World, name: string, more: object = {}): Promise<User> {
  return createUser(context, ADMIN, { name, email: `${name}@example.com`, ...more });
}

Deno.test("a merged user's groups and accounts go over, and nothing that opens anything", async () => {
  await withWorld(async (world) => {
    const { sql, context, events } = world;
    const [source, target] = [await makeUser(world, "ada2"), await makeUser(world, "ada")];
    const both = await createGroup(context, ADMIN, { name: "both" });
    const only = await createGroup(context, ADMIN, { name: "only" });
    await changeMembers(context, ADMIN, both.id, { add: [source.id, target.id] });
    await changeMembers(context, ADMIN, only.id, { add: [source.id] });
    await createServiceAccount(context, ADMIN, { name: "bot", owner: source.id });
    await createApiKey(context, ADMIN, {
      ...{ userId: source.id, name: "k", audiences: ["api"], scopes: ["*"] },
    });
    await openBrowserSession(context, source, "link", BROWSER);
    await events();
    const merged = await mergeUsers(context, ADMIN, source.id, target.id);
    assert.deepEqual([merged.groupsTransferred, merged.accountsTransferred], [1, 1]);
    assert.deepEqual((await listGroupsOf(sql, target.id)).map(({ name }) => name), [
      "both",
      "only",
    ]);
    const gone = await getUser(sql, source.id);
    assert.deepEqual([gone.status, gone.mergedInto], ["deleted", target.id]);
    assert.equal((await getUser(sql, "bot@service.invalid")).ownerId, target.id);
    const [open] = await sql`select count(*)::int as n from sessions where revoked_at is null`;
    assert.equal(open?.n, 0, "neither session nor key is left, of anybody");
    assert.deepEqual(await events(), [
      ...["identity:session_ended", "identity:session_ended"],
      ...["identity:token_revoked", "identity:user_deleted"],
    ]);
    const [row] = await sql`select detail from audit where target = 'identity:user_deleted'`;
    assert.equal(row?.detail.merged_into, target.id);
  });
});

Deno.test("merges at once: each user goes once, whatever the directions, and nobody waits for ever", async () => {
  await withWorld(async (world) => {
    const { sql, context } = world;
    const [a, b, c] = [
      await makeUser(world, "a"),
      await makeUser(world, "b"),
      await makeUser(world, "c"),
    ];
    const results = await Promise.allSettled([
      mergeUsers(context, ADMIN, a.id, b.id),
      mergeUsers(context, ADMIN, b.id, a.id),
      mergeUsers(context, ADMIN, a.id, c.id),
      mergeUsers(context, ADMIN, c.id, a.id),
    ]);
    const done = results.filter(({ status }) => status === "fulfilled").length;
    const left = await sql`select id from users where status <> 'deleted'`;
    assert.equal(left.length, 3 - done);
    assert.ok(left.length >= 1);
    for (const result of results) {
      if (result.status === "rejected") assert.equal(result.reason.code, "not_found");
    }
  });
});

Deno.test("what must not be merged is not: itself, the operator, the last administrator, unlike kinds", async () => {
  await withWorld(async (world) => {
    const { context, events } = world;
    const { user: operator } = await ensureOperator(context);
    const ada = await makeUser(world, "ada");
    const bot = await createServiceAccount(context, ADMIN, { name: "bot" });
    await events();
    await rejectsWith(mergeUsers(context, ADMIN, ada.id, ada.id), "invalid");
    await rejectsWith(mergeUsers(context, ADMIN, operator.id, ada.id), "conflict");
    await rejectsWith(mergeUsers(context, ADMIN, bot.id, ada.id), "invalid");
    await rejectsWith(mergeUsers(context, ADMIN, ada.id, "nobody"), "not_found");
    const asUser = { ...ADMIN, role: "user" } as const;
    await rejectsWith(mergeUsers(context, asUser, ada.id, operator.id), "denied");
    assert.deepEqual(await events(), []);
  });
});

Deno.test("an anonymised user leaves an id: nothing in any table or row says who it was", async () => {
  await withWorld(async (world) => {
    const { sql, context, events } = world;
    const ada = await makeUser(world, "countess", { fullName: "Ada Lovelace" });
    await openBrowserSession(context, ada, "link", { ...BROWSER, userAgent: "Engine/1843" });
    await createApiKey(context, ADMIN, {
      ...{ userId: ada.id, name: "countess key", device: "analytical-engine" },
      ...{ audiences: ["api"], scopes: ["*"] },
    });
    await sql`insert into scim_users (user_id, user_name, family_name)
              values (${ada.id}, 'countess', 'Lovelace')`;
    await sql`insert into federated_accounts (issuer, subject, user_id, provider)
              values ('https://idp.example', 'countess', ${ada.id}, 'corp')`;
    const [before] = await sql`select detail->>'personal' as personal from audit
      where target = 'identity:user_created'`;
    assert.equal((await findPersonalDetails(sql, [before?.personal])).length, 1);
    await events();
    const { user, rowsCleared } = await anonymiseUser(context, ADMIN, ada.id);
    assert.equal(user.status, "deleted");
    assert.ok(rowsCleared >= 2);
    assert.ok((await events()).includes("identity:user_anonymised"));
    assert.equal((await findPersonalDetails(sql, [before?.personal])).length, 0);
    const tables = ["users", "browser_sessions", "personal_details", "sessions"];
    for (const table of [...tables, "scim_users", "federated_accounts"]) {
      const [found] = await sql`select string_agg(t::text, ' ') as text from ${sql(table)} t`;
      assert.doesNotMatch(
        String(found?.text),
        /countess|Lovelace|Engine|analytical|192\.0\.2\.1/,
        table,
      );
    }
    const again = await anonymiseUser(context, ADMIN, ada.id);
    assert.equal(again.rowsCleared, 0);
    assert.deepEqual(await events(), []);
    await createUser(context, ADMIN, { name: "countess", email: "countess@example.com" });
    await ensureOperator(context);
    await rejectsWith(anonymiseUser(context, ADMIN, OPERATOR_ID), "conflict");
    await rejectsWith(anonymiseUser(context, ADMIN, "nobody"), "not_found");
  });
});

Deno.test("what stands beside rows goes when the rows are gone, and not before", async () => {
  await withWorld(async (world) => {
    const { sql } = world;
    await makeUser(world, "ada");
    const count = async () =>
      (await sql<{ n: number }[]>`select count(*)::int as n from personal_details`)[0]?.n;
    await forgetOverSignIns(sql);
    assert.equal(await count(), 1);
    await sql`update personal_details set created_at = created_at - interval '400 days'`;
    await forgetOverSignIns(sql);
    assert.equal(await count(), 0);
  });
});

Deno.test("many users change together or not at all", async () => {
  await withWorld(async (world) => {
    const { sql, context, events } = world;
    await ensureOperator(context);
    const users = [await makeUser(world, "a"), await makeUser(world, "b")];
    await events();
    const ids = users.map(({ id }) => id);
    await rejectsWith(deleteUsers(context, ADMIN, [...ids, OPERATOR_ID]), "conflict");
    await rejectsWith(
      updateUsers(context, ADMIN, [...ids, OPERATOR_ID], { status: "suspended" }),
      "conflict",
    );
    await rejectsWith(deleteUsers(context, ADMIN, [...ids, "nobody"]), "not_found");
    assert.deepEqual(await events(), []);
    assert.equal((await getUser(sql, "a")).status, "active");
    assert.equal(await updateUsers(context, ADMIN, ids, { status: "suspended" }), 2);
    assert.equal(await updateUsers(context, ADMIN, ids, { status: "suspended" }), 0);
    await deleteUsers(context, ADMIN, ids);
    await rejectsWith(getUser(sql, "a"), "not_found");
  });
});
