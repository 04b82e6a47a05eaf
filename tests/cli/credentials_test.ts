import assert from "node:assert/strict";
import { createPasswordHasher } from "../../src/identity/mod.ts";
import { type AdminHome, withAdminHome } from "./admin_home.ts";

const PASSWORD = "lamp orbit velvet";

async function hashOf(sql: AdminHome["sql"], userId: string): Promise<string | undefined> {
  const [row] = await sql`select hash from passwords where user_id = ${userId}`;
  return row?.["hash"];
}

async function withAda(work: (admin: AdminHome, id: string) => Promise<void>): Promise<void> {
  await withAdminHome(async (admin) => {
    const { id } = await admin.json([
      ...["users", "create", "--name", "ada", "--email", "ada@example.com"],
    ]);
    await work(admin, id);
  });
}

Deno.test("admin users password: set from standard input, cleared, each recorded without the password", async () => {
  await withAda(async ({ json, run, sql }, id) => {
    const set = await run(["users", "password", "set", "ada"], `${PASSWORD}\n`);
    assert.equal(set.code, 0, set.stderr);
    assert.ok(!`${set.stdout}${set.stderr}`.includes(PASSWORD));
    const stored = await hashOf(sql, id);
    assert.match(stored ?? "", /^\$scrypt\$ln=16,r=8,p=2\$/);
    assert.ok((await createPasswordHasher().verify(PASSWORD, stored)).matches);
    await json(["users", "password", "clear", "ada", "--yes"]);
    assert.equal(await hashOf(sql, id), undefined);
    assert.equal((await run(["users", "password", "clear", "ada", "--yes"])).code, 3);
    const rows = await sql`
      select target, user_id, detail from audit where target like 'identity:password%' order by id`;
    assert.deepEqual(rows.map(({ target }) => target), [
      "identity:password_set",
      "identity:password_cleared",
    ]);
    assert.deepEqual([rows[0]?.userId, rows[0]?.detail.user_id], ["operator", id]);
    const [all] = await sql`select string_agg(a::text, '') as text from audit a`;
    assert.ok(!all?.text.includes(PASSWORD) && !all?.text.includes("$scrypt$"));
  });
});

Deno.test("admin users password set: what is too easy to guess is refused, and nothing is changed", async () => {
  await withAda(async ({ run, sql }, id) => {
    for (const easy of ["", "tiny\n", "password12345\n", "ada@example.com\n", "aaaaaaaaaaaa\n"]) {
      const { code, stderr, stdout } = await run(["users", "password", "set", "ada"], easy);
      assert.equal(code, 5, stderr);
      assert.ok(easy === "" || !`${stdout}${stderr}`.includes(easy.trim()));
    }
    const argv = await run(["users", "password", "set", "ada", PASSWORD], "");
    assert.equal(argv.code, 2, "a password is no argument");
    assert.equal((await run(["users", "password", "set", "nobody"], PASSWORD)).code, 3);
    assert.equal(await hashOf(sql, id), undefined);
  });
});

Deno.test("admin users sign-in-link prints the link alone; a newer one replaces it; only its hash is stored", async () => {
  await withAda(async ({ json, run, sql }, id) => {
    const first = await run(["users", "sign-in-link", "ada"]);
    assert.equal(first.code, 0, first.stderr);
    assert.match(
      first.stdout,
      /^http:\/\/127\.0\.0\.1:\d+\/sign-in\/link\?token=[\w-]{43}\n$/,
    );
    const second = await json(["users", "sign-in-link", "ada"]);
    assert.equal(second.user_id, id);
    const minutes = (Date.parse(second.expires_at) - Date.now()) / 60_000;
    assert.ok(minutes > 14 && minutes <= 15.1, `${minutes}`);
    assert.equal((await sql`select 1 from sign_in_links`).length, 1);
    const [all] = await sql`
      select (select string_agg(l::text, '') from sign_in_links l) ||
             (select string_agg(a::text, '') from audit a) as text`;
    assert.ok(!all?.text.includes(new URL(second.url).searchParams.get("token")));
    await json(["users", "update", "ada", "--status", "suspended"]);
    assert.equal((await run(["users", "sign-in-link", "ada"])).code, 4);
  });
});

Deno.test("admin users passkeys: list and remove, of that user only", async () => {
  await withAda(async ({ json, run, sql }, id) => {
    assert.deepEqual((await json(["users", "passkeys", "list", "ada"])).passkeys, []);
    await sql`
      insert into passkeys (id, user_id, name, public_key, counter, transports, host, synced)
      values ('abc_-1', ${id}, 'laptop', '\\x00', 0, '{}', 'gov.example.com', true)`;
    const { passkeys } = await json(["users", "passkeys", "list", "ada"]);
    assert.deepEqual([passkeys[0].passkey_id, passkeys[0].host], ["abc_-1", "gov.example.com"]);
    await json(["users", "create", "--name", "bob", "--email", "bob@example.com"]);
    assert.equal((await run(["users", "passkeys", "remove", "bob", "abc_-1", "--yes"])).code, 3);
    assert.equal((await run(["users", "passkeys", "remove", "ada", "abc_-1"])).code, 2);
    await json(["users", "passkeys", "remove", "ada", "abc_-1", "--yes"]);
    assert.equal((await sql`select 1 from passkeys`).length, 0);
  });
});

Deno.test("admin users invite makes the user and one link, or neither", async () => {
  await withAdminHome(async ({ json, run, sql }) => {
    const invited = await json([
      ...["users", "invite", "grace@example.com", "--roles", "user", "--expires", "2d"],
    ]);
    assert.match(invited.url, /\/sign-in\/link\?token=[\w-]{43}$/);
    const days = (Date.parse(invited.expires_at) - Date.now()) / 86_400_000;
    assert.ok(days > 1.9 && days <= 2, `${days}`);
    const [row] = await sql`
      select u.name, u.status, l.token_hash from users u join sign_in_links l on l.user_id = u.id
       where u.id = ${invited.user_id}`;
    assert.deepEqual([row?.name, row?.status], ["grace", "active"]);
    const token = new URL(invited.url).searchParams.get("token") ?? "";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
    assert.deepEqual(new Uint8Array(row?.tokenHash), new Uint8Array(digest));
    const events = await sql`
      select target from audit where detail->>'user_id' = ${invited.user_id}
          or detail->'user'->>'id' = ${invited.user_id} order by created_at, id`;
    assert.deepEqual(events.map(({ target }) => target), [
      ...["identity:user_created", "identity:sign_in_link_created"],
    ]);

    const before = await sql`select count(*)::int as n from users`;
    for (
      const [args, code] of [
        [["GRACE@example.com"], 1],
        [["no email"], 5],
        [["x@example.com", "--department", "none"], 5],
        [["x@example.com", "--expires", "31d"], 2],
        [["x@example.com", "--expires", "0s"], 2],
        [["x@example.com", "--roles", "emperor"], 2],
      ] as const
    ) assert.equal((await run(["users", "invite", ...args])).code, code, args.join(" "));
    assert.deepEqual(await sql`select count(*)::int as n from users`, before);
    assert.equal((await sql`select 1 from sign_in_links`).length, 1);
  });
});
