import assert from "node:assert/strict";
import { withAdminHome } from "./admin_home.ts";

const CREATE = ["oauth", "clients", "create"];
const REDIRECT = "http://127.0.0.1/callback";

Deno.test("admin oauth clients: create, list, delete; the secret is shown once", async () => {
  await withAdminHome(async ({ run, json, sql }) => {
    assert.deepEqual((await json(["oauth", "clients", "list"])).clients, []);
    const editor = await json([...CREATE, "--name", "Editor", "--redirect-uri", REDIRECT]);
    assert.equal(editor.client_secret, undefined);
    assert.deepEqual(editor.client.grant_types, ["authorization_code", "refresh_token"]);
    await json([
      "users",
      "create",
      "--name",
      "ci-bot",
      "--email",
      "ci@example.test",
      "--roles",
      "service",
    ]);
    const ci = await json([
      ...[...CREATE, "--id", "ci", "--name", "CI", "--service-account", "ci-bot"],
      ...["--auth-method", "client_secret_basic", "--scope", "alpha:use beta:use", "--introspects"],
    ]);
    assert.match(ci.client_secret, /^[\w-]{43}$/);
    assert.deepEqual(ci.client.grant_types, ["client_credentials"]);
    assert.deepEqual(ci.client.scopes, ["alpha:use", "beta:use"]);
    const listed = await run(["oauth", "clients", "list", "--json"]);
    assert.deepEqual(
      JSON.parse(listed.stdout).data.clients.map(({ id }: { id: string }) => id),
      [editor.client.id, "ci"],
    );
    assert.ok(!listed.stdout.includes(ci.client_secret));
    const rows =
      await sql`select detail::text as text from audit where target like 'identity:client_%'`;
    assert.equal(rows.length, 2);
    for (const { text } of rows) assert.ok(!text.includes(ci.client_secret));
    assert.equal((await run(["oauth", "clients", "delete", "ci"])).code, 2, "without --yes");
    assert.equal((await json(["oauth", "clients", "delete", "ci", "--yes"])).sessions_ended, 0);
    assert.equal((await run(["oauth", "clients", "delete", "ci", "--yes"])).code, 3);
  });
});

Deno.test("admin oauth clients create refuses what no client may be", async () => {
  await withAdminHome(async ({ run, json, home }) => {
    const refused: readonly (readonly [readonly string[], number])[] = [
      [["--redirect-uri", "http://evil.example/"], 5],
      [["--redirect-uri", "https://a@evil.example/"], 5],
      [["--redirect-uri", "javascript:alert(1)"], 5],
      [["--redirect-uri", `${REDIRECT}#x`], 5],
      [[], 5],
      [["--grants", "client_credentials"], 5],
      [["--service-account", "nobody", "--auth-method", "client_secret_basic"], 3],
      [["--redirect-uri", REDIRECT, "--auth-method", "private_key_jwt"], 5],
      [["--redirect-uri", REDIRECT, "--jwks", `${home}/missing.json`], 5],
      [["--redirect-uri", REDIRECT, "--id", "https://client.example/x"], 5],
      [["--redirect-uri", REDIRECT, "--auth-method", "tls_client_auth"], 2],
    ];
    for (const [args, code] of refused) {
      const result = await run([...CREATE, "--name", "x", ...args]);
      assert.deepEqual(
        [result.code, result.stdout],
        [code, ""],
        `${args.join(" ")}: ${result.stderr}`,
      );
    }
    await json([...CREATE, "--name", "x", "--id", "one", "--redirect-uri", REDIRECT]);
    const again = await run([...CREATE, "--name", "x", "--id", "one", "--redirect-uri", REDIRECT]);
    assert.equal(again.code, 1);
    await Deno.writeTextFile(`${home}/secret.json`, '{"keys":[{"kty":"oct","k":"AAAA"}]}');
    const symmetric = await run([
      ...[...CREATE, "--name", "x", "--redirect-uri", REDIRECT],
      ...["--auth-method", "private_key_jwt", "--jwks", `${home}/secret.json`],
    ]);
    assert.equal(symmetric.code, 5);
  });
});

Deno.test("admin oauth consents and keys: what is there, what goes, and rows about it", async () => {
  await withAdminHome(async ({ run, json, sql }) => {
    await json(["users", "create", "--name", "ada", "--email", "ada@example.test"]);
    const { id } = await json(["users", "show", "ada"]);
    await sql`
      insert into oauth_consents (user_id, client_id, resource, scopes)
      values (${id}, 'editor', 'https://x/mcp', '{a}'), (${id}, 'other', 'https://x/mcp', '{a}')`;
    assert.equal((await json(["oauth", "consents", "list", "--user", "ada"])).consents.length, 2);
    assert.equal((await run(["oauth", "consents", "revoke", "--yes"])).code, 2);
    assert.equal((await run(["oauth", "consents", "revoke", "--user", "ada"])).code, 2);
    const revoked = await json(["oauth", "consents", "revoke", "--client", "editor", "--yes"]);
    assert.equal(revoked.consents.length, 1);
    assert.equal((await json(["oauth", "consents", "list"])).consents[0].client_id, "other");
    const rows = await sql`select user_id from audit where target = 'identity:consent_revoked'`;
    assert.deepEqual(rows.map(({ userId }) => userId), ["operator"]);

    assert.deepEqual((await json(["oauth", "keys", "list"])).keys, []);
    const { kid } = await json(["oauth", "keys", "rotate"]);
    const next = await json(["oauth", "keys", "rotate"]);
    const kids = (await json(["oauth", "keys", "list"])).keys.map((key: { kid: string }) =>
      key.kid
    );
    assert.deepEqual(kids, [next.kid, kid]);
    assert.equal((await run(["oauth", "keys", "rotate", "--revoke"])).code, 2, "without --yes");
    const last = await json(["oauth", "keys", "rotate", "--revoke", "--yes"]);
    assert.deepEqual((await json(["oauth", "keys", "list"])).keys.length, 1);
    const [row] = await sql`
      select detail from audit where target = 'cli:admin oauth keys rotate' order by created_at desc, id desc limit 1`;
    assert.deepEqual([row?.detail.kid, row?.detail.revoke], [last.kid, true]);
  });
});
