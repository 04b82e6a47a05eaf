import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import { withDatabase } from "../support/mod.ts";
import { urlOf } from "../support/test_database.ts";
import { spgov, withHome } from "./spgov.ts";

interface Finding {
  readonly name: string;
  readonly status: string;
  readonly detail: string;
}

async function checks(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; find(name: string): Finding }> {
  const { code, stdout, stderr } = await spgov(["doctor", "--json", ...args], { env });
  const found = JSON.parse(stdout).data.checks as Finding[];
  return {
    code,
    find(name) {
      const finding = found.find((one) => one.name === name);
      assert.ok(finding, `${name}: ${stderr}`);
      return finding;
    },
  };
}

Deno.test("doctor names risky variables, never their values", async () => {
  await withHome(async (home) => {
    const env = { HTTPS_PROXY: "http://me:hunter22@proxy", OTEL_DENO: "true" };
    const { find } = await checks(["--home", home], env);
    const { status, detail } = find("environment");
    assert.equal(status, "warn");
    assert.match(detail, /HTTPS_PROXY/);
    assert.match(detail, /OTEL_DENO/);
    assert.doesNotMatch(detail, /hunter22/);
  });
});

Deno.test("doctor fails for a port that something else has, and for a home others may write to", async () => {
  await withHome(async (home) => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    await Deno.chmod(home, 0o777);
    const { code, find } = await checks(["--home", home, "--port", String(port)]);
    assert.equal(code, 1);
    assert.equal(find("port").status, "fail");
    assert.equal(find("home").status, "fail");
  });
});

Deno.test("doctor reports a broken profile with its position", async () => {
  await withHome(async (home) => {
    const folder = `${home}/profiles/local`;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/profile.yaml`, "name: local\nserver:\n  prt: 1\n");
    const { code, find } = await checks(["--home", home]);
    assert.equal(code, 1);
    assert.match(find("profile").detail, /profile\.yaml:3:3 server\.prt/);
    const named = await spgov(["infra", "db", "info", "--home", home, "--profile", "locl"]);
    assert.equal(named.code, 3);
    assert.match(named.stderr, /"local"/);
  });
});

Deno.test("doctor warns where gateways of an external database could become its owner", async () => {
  await withHome(async (home) => {
    await withDatabase(async ({ owner, url }) => {
      const strong = await checks(["--home", home], { DATABASE_URL: url });
      assert.equal(strong.find("own-logins").status, "ok");
      const sql = openPool(owner, { max: 1, applicationName: "test" });
      const weak = `spgov_test_${crypto.randomUUID().slice(0, 8)}`;
      await sql.unsafe(`create role "${weak}" login password 'weak'`);
      try {
        const env = { DATABASE_URL: urlOf({ ...owner, user: weak, password: "weak" }) };
        const { find } = await checks(["--home", home], env);
        assert.equal(find("own-logins").status, "warn");
      } finally {
        await sql.unsafe(`drop role "${weak}"`);
        await sql.end({ timeout: 1 });
      }
    });
  });
});
