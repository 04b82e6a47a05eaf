import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import {
  exportJWK,
  exportPKCS8,
  exportSPKI,
  generateKeyPair,
  importPKCS8,
  type JWK,
  SignJWT,
} from "jose";
import { SigningKeys } from "../../src/oauth/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { deriveKey, loadMasterKey, SecretBytes } from "../../src/vault/mod.ts";
import {
  type OAuthWorld,
  type Person,
  type Registered,
  startOAuthWorld,
} from "../support/oauth_world.ts";

/** Tokens at the servers they are for: forged, confused, moved, outlived. */

let world: OAuthWorld;
let ada: Person;
let client: Registered;
let token: string;
/** The service's own keys, as only the holder of the master key can have them. */
let keys: SigningKeys;
Deno.test.beforeAll(async () => {
  world = await startOAuthWorld();
  ada = await world.person("ada");
  client = await world.client();
  token = (await world.tokens(ada, client)).access_token;
  const { key } = await loadMasterKey({ home: world.service.home, env: {} });
  keys = new SigningKeys({
    sql: world.sql,
    clock: systemClock,
    sealingKey: deriveKey(key, "oauth"),
    lifeMs: () => 86_400_000,
  });
});
Deno.test.afterAll(() => world.stop());

type Claims = Readonly<Record<string, unknown>>;

function part(text: string, index: number): Claims {
  const bytes = Uint8Array.fromBase64(text.split(".")[index] ?? "", { alphabet: "base64url" });
  return JSON.parse(new TextDecoder().decode(bytes));
}

function encode(value: unknown): string {
  return new TextEncoder().encode(JSON.stringify(value))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

/** A token signed with the service's own key, with other claims or header than it gave out. */
async function forge(claims: Claims, header: Claims = {}): Promise<string> {
  const { key } = await keys.current();
  const all = { ...part(token, 1), ...claims };
  return await new SignJWT(all as never)
    .setProtectedHeader({ ...part(token, 0), ...header } as never).sign(key);
}

/** A token whose signature is an HMAC by what everybody can read: the public key, in each of its forms. */
async function hmacTokens(): Promise<string[]> {
  const { keys: [jwk] } = await published();
  const { publicKey } = await importPublic(jwk);
  const content = `${encode({ ...part(token, 0), alg: "HS256" })}.${encode(part(token, 1))}`;
  const secrets = [
    publicKey,
    publicKey.trim(),
    JSON.stringify(jwk),
    `${jwk.x}`,
    Uint8Array.fromBase64(`${jwk.x}`, { alphabet: "base64url" }),
    "",
  ];
  return secrets.map((secret) =>
    `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`
  );
}

async function importPublic(jwk: JWK): Promise<{ publicKey: string }> {
  const key = await crypto.subtle.importKey(
    "jwk",
    { kty: "EC", crv: "P-256", x: `${jwk.x}`, y: `${jwk.y}` },
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["verify"],
  );
  return { publicKey: await exportSPKI(key) };
}

async function published(): Promise<{ keys: [JWK, ...JWK[]] }> {
  return await (await fetch(`${world.url}/.well-known/jwks.json`)).json();
}

/** Waits until the server answers the token with the status. */
async function becomes(text: string, status: number): Promise<void> {
  const deadline = Date.now() + 1000;
  while (await world.call("alpha", text) !== status) {
    if (Date.now() > deadline) assert.fail(`not ${status} within a second`);
  }
}

const nowS = () => Math.floor(Date.now() / 1000);

Deno.test("the token that all others are made of is good", async () => {
  assert.notEqual(await world.call("alpha", token), 401);
  assert.notEqual(await world.call("alpha", await forge({})), 401, "forge() makes good ones");
});

const FORGED: readonly (readonly [string, Claims, Claims?])[] = [
  ["for another server", { aud: "BETA" }],
  ["for all servers", { aud: "ALL" }],
  ["for several at once", { aud: ["ALPHA", "BETA"] }],
  ["for the server without its path", { aud: "ORIGIN" }],
  ["for the server with a slash more", { aud: "SLASH" }],
  ["by another issuer", { iss: "https://elsewhere.example" }],
  ["expired beyond the leeway", { iat: nowS() - 2000, nbf: nowS() - 2000, exp: nowS() - 61 }],
  ["not valid yet", { nbf: nowS() + 120, iat: nowS() + 120, exp: nowS() + 900 }],
  ["of no session", { sid: "sess_none" }],
  ["of another user", { sub: "operator" }],
  ["of a higher tier", { tier: "admin" }],
  ["without a scope", { scope: undefined }],
  ["of another type", {}, { typ: "JWT" }],
  ["of no type", {}, { typ: undefined }],
  ["with its own key in the header", {}, { jwk: { kty: "EC" } }],
  ["with an address of keys in the header", {}, { jku: "https://elsewhere.example/jwks" }],
  ["with an unknown key's name", {}, { kid: "nobody" }],
];
for (const [what, claims, header] of FORGED) {
  Deno.test(`refused although the signature is ours: a token ${what}`, async () => {
    const names: Readonly<Record<string, string>> = {
      ALPHA: world.resource("alpha"),
      BETA: world.resource("beta"),
      ALL: world.resource("all"),
      ORIGIN: world.url,
      SLASH: `${world.resource("alpha")}/`,
    };
    const name = (value: unknown): unknown =>
      Array.isArray(value) ? value.map(name) : names[String(value)] ?? value;
    const text = await forge({
      ...claims,
      ...claims["aud"] !== undefined && { aud: name(claims["aud"]) },
    }, header);
    assert.equal(await world.call("alpha", text), 401);
  });
}

Deno.test("no algorithm but ES256: none, HMAC with the public key, another curve, another key", async () => {
  const [header, claims, signature] = token.split(".");
  const texts = [
    `${encode({ ...part(token, 0), alg: "none" })}.${claims}.`,
    `${encode({ ...part(token, 0), alg: "None" })}.${claims}.${signature}`,
    `${encode({ ...part(token, 0), alg: "none" })}.${claims}.${signature}`,
    `${header}.${claims}.`,
    `${header}.${encode({ ...part(token, 1), tier: "admin" })}.${signature}`,
    ...await hmacTokens(),
  ];
  for (const algorithm of ["ES256", "ES384", "EdDSA", "RS256"]) {
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const key = await importPKCS8(await exportPKCS8(privateKey), algorithm);
    texts.push(
      await new SignJWT(part(token, 1) as never)
        .setProtectedHeader({ ...part(token, 0), alg: algorithm } as never).sign(key),
    );
  }
  for (const text of texts) assert.equal(await world.call("alpha", text), 401, text.slice(0, 60));
});

Deno.test("tokens of other audiences open no server, and access tokens open nothing else", async () => {
  for (const audience of ["hook", "api", "mcp"] as const) {
    const other = await world.service.token({ audience });
    assert.equal(await world.call("alpha", other), 401, audience);
  }
  const { headers } = await world.service.govern(token, {
    hook_event_name: "PreToolUse",
    tool_name: "Read",
    tool_input: {},
  });
  assert.equal(headers.get("policy"), "auth_failure");
  const api = await fetch(`${world.url}/api/v1/mcp/servers`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await api.body?.cancel();
  assert.equal(api.status, 401);
});

Deno.test("an ID token opens no server", async () => {
  const { code, verifier } = await world.code(ada, client, { scope: "openid alpha:use" });
  const { body } = await world.post("token", {
    ...{ grant_type: "authorization_code", code, code_verifier: verifier, client_id: client.id },
    redirect_uri: "http://127.0.0.1:33418/callback",
  });
  assert.notEqual(await world.call("alpha", body.access_token), 401);
  assert.equal(await world.call("alpha", body.id_token), 401);
});

Deno.test("a token at another name of the same service is a token for another resource", async () => {
  const response = await fetch(`http://localhost:${world.service.port}/api/v1/mcp/alpha/mcp`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: "{}",
  });
  await response.body?.cancel();
  assert.equal(response.status, 401);
});

Deno.test("a key that stands in the database without the master key's seal is no key", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const { x = "", y = "" } = await exportJWK(publicKey);
  const jwk = { kty: "EC", crv: "P-256", alg: "ES256", use: "sig", kid: "mine", x, y };
  const other = new SecretBytes(crypto.getRandomValues(new Uint8Array(32)));
  const foreign = new SigningKeys({
    sql: world.sql,
    clock: systemClock,
    sealingKey: other,
    lifeMs: () => 86_400_000,
  });
  await foreign.rotate();
  await world.sql`
    insert into oauth_keys (kid, public_jwk, nonce, sealed, signs_from)
    select 'mine', ${world.sql.json(jwk)}, nonce, sealed, now() from oauth_keys limit 1`;
  const forged = await new SignJWT(part(token, 1) as never)
    .setProtectedHeader({ ...part(token, 0), kid: "mine" } as never).sign(privateKey);
  assert.equal(await world.call("alpha", forged), 401);
  assert.ok(!(await published()).keys.some(({ kid }) => kid === "mine"));
  await world.sql`delete from oauth_keys where kid = 'mine'`;
  await world.sql`update oauth_keys set verifies_until = null where kid = ${`${
    part(token, 0)["kid"]
  }`}`;
});

Deno.test("what serves cannot touch keys, secrets, codes and refresh tokens", async () => {
  const rights = await world.sql<{ name: string; granted: boolean }[]>`
    select name, has_table_privilege('spgov_serve', name, 'select, insert, update, delete') as granted
      from unnest(array['oauth_keys', 'oauth_refresh_tokens', 'oauth_spent_codes', 'oauth_assertions',
                        'oauth_codes']) as name`;
  const readable = await world.sql<{ name: string }[]>`
    select name from unnest(array['secret_hash', 'registration_hash']) as name
     where has_column_privilege('spgov_serve', 'oauth_clients', name, 'select')`;
  for (const { name, granted } of rights) assert.equal(granted, false, name);
  assert.deepEqual(readable.map(({ name }) => name), []);
});

Deno.test("keys rotate with overlap; withdrawn ones void their tokens within a second", async () => {
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await world.service.cli(
      "admin",
      "oauth",
      "keys",
      ...args,
      "--json",
    );
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).data;
  };
  const before = (await world.tokens(ada, client)).access_token;
  const { kid } = await run("rotate");
  const after = (await world.tokens(ada, client)).access_token;
  assert.equal(part(after, 0)["kid"], kid);
  assert.notEqual(part(before, 0)["kid"], kid);
  for (const text of [before, after]) assert.notEqual(await world.call("alpha", text), 401);
  const names = (await published()).keys.map((key) => key.kid);
  assert.ok(names.includes(kid) && names.includes(`${part(before, 0)["kid"]}`));
  assert.doesNotMatch(JSON.stringify(await published()), /"d"/);

  const { kid: last } = await run("rotate", "--revoke", "--yes");
  for (const text of [before, after]) await becomes(text, 401);
  assert.deepEqual((await published()).keys.map((key) => key.kid), [last]);
  assert.notEqual(await world.call("alpha", (await world.tokens(ada, client)).access_token), 401);
});

Deno.test("admin session token gives one for the server, and for nothing longer than 15 minutes", async () => {
  const issue = (...args: string[]) =>
    world.service.cli("admin", "session", "token", "--audience", "mcp", ...args);
  const { stdout } = await issue("--server", "alpha");
  assert.notEqual(await world.call("alpha", stdout.trim()), 401);
  assert.equal(await world.call("beta", stdout.trim()), 401);
  assert.deepEqual(part(stdout, 1)["scope"], "alpha:use alpha:write");
  for (
    const [args, status] of [
      [[], 2],
      [["--server", "gamma"], 3],
      [["--server", "alpha", "--ttl", "16m"], 2],
      [["--server", "alpha", "--role", "anonymous"], 4],
    ] as const
  ) {
    const refused = await issue(...args);
    assert.deepEqual([refused.code, refused.stdout], [status, ""], args.join(" "));
  }
  const hook = await world.service.cli("admin", "session", "token", "--server", "alpha");
  assert.equal(hook.code, 2);
});
