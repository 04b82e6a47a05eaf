import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { createHmac, createSign, generateKeyPairSync } from "node:crypto";
import {
  createTokenVerifier,
  issueToken,
  type TokenClaims,
  type TokenRule,
  type VerifyResult,
} from "../../src/identity/mod.ts";

const KEY = new Uint8Array(32).fill(7);
const OTHER_KEY = new Uint8Array(32).fill(8);
const ISSUER = "spgov:test";
const NOW_S = 1_800_000_000;
const HEADER = { alg: "HS256", typ: "spgov+jwt" };

const CLAIMS: TokenClaims = {
  iss: ISSUER,
  aud: "hook",
  sub: "alice",
  sid: "sess_1",
  jti: "token_1",
  tier: "user",
  client_id: "spgov-cli",
  iat: NOW_S,
  nbf: NOW_S,
  exp: NOW_S + 3600,
};

function verifyAt(token: string | undefined, seconds = NOW_S): Promise<VerifyResult> {
  const clock = { now: () => seconds * 1000, monotonic: () => 0 };
  return createTokenVerifier(KEY, { issuer: ISSUER, clock })(token, "hook");
}

async function ruleOf(token: string | undefined, seconds = NOW_S): Promise<TokenRule | "accepted"> {
  const result = await verifyAt(token, seconds);
  return result.ok ? "accepted" : result.failure.rule;
}

function base64url(content: string | Uint8Array): string {
  return new Uint8Array(Buffer.from(content)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

function hmac(content: string, key: Uint8Array | string, hash = "sha256"): string {
  return base64url(createHmac(hash, key).update(content).digest());
}

/** A token over any header and payload text, signed with HMAC: what a holder of the key could write. */
function forge(header: unknown, payload: unknown, key: Uint8Array | string = KEY): string {
  const text = [header, payload].map((part) =>
    base64url(typeof part === "string" ? part : JSON.stringify(part))
  ).join(".");
  return `${text}.${hmac(text, key)}`;
}

function partsOf(token: string): [string, string, string] {
  const [header = "", payload = "", signature = ""] = token.split(".");
  return [header, payload, signature];
}

Deno.test("a token of ours is accepted for its audience, with all its claims", async () => {
  const claims = { ...CLAIMS, dept: "sales", agent: "reporter" };
  assert.deepEqual(await verifyAt(await issueToken(KEY, claims)), { ok: true, claims });
  assert.equal(await ruleOf(forge(HEADER, CLAIMS)), "accepted");
});

Deno.test("no token is a failure of its own", async () => {
  assert.equal(await ruleOf(undefined), "missing_token");
  assert.equal(await ruleOf(""), "missing_token");
});

Deno.test("alg none and its spellings are refused, with and without a signature", async () => {
  for (const alg of ["none", "None", "NONE", "nOnE", "", null, 0, ["HS256"], { alg: "HS256" }]) {
    const token = forge({ alg, typ: HEADER.typ }, CLAIMS);
    const [header, payload] = partsOf(token);
    assert.equal(await ruleOf(token), "wrong_algorithm", String(alg));
    assert.equal(await ruleOf(`${header}.${payload}.`), "wrong_algorithm", String(alg));
  }
  const [header, payload] = partsOf(forge(HEADER, CLAIMS));
  assert.equal(await ruleOf(`${header}.${payload}.`), "bad_signature");
});

Deno.test("other algorithms are refused even where the signature fits them", async () => {
  for (const bits of [384, 512]) {
    const [header, payload] = partsOf(forge({ ...HEADER, alg: `HS${bits}` }, CLAIMS));
    const signature = hmac(`${header}.${payload}`, KEY, `sha${bits}`);
    assert.equal(await ruleOf(`${header}.${payload}.${signature}`), "wrong_algorithm");
  }
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const [header, payload] = partsOf(forge({ ...HEADER, alg: "ES256" }, CLAIMS));
  const signature = base64url(
    createSign("sha256").update(`${header}.${payload}`).sign({
      key: privateKey,
      dsaEncoding: "ieee-p1363",
    }),
  );
  assert.equal(await ruleOf(`${header}.${payload}.${signature}`), "wrong_algorithm");
});

Deno.test("key confusion: a public key, an empty key or a guess as HMAC secret does not sign", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  assert.equal(await ruleOf(forge(HEADER, CLAIMS, pem)), "bad_signature");
  assert.equal(await ruleOf(forge({ ...HEADER, alg: "RS256" }, CLAIMS, pem)), "wrong_algorithm");
  const [header, payload] = partsOf(forge({ ...HEADER, alg: "RS256" }, CLAIMS));
  const rsa = base64url(createSign("sha256").update(`${header}.${payload}`).sign(privateKey));
  assert.equal(await ruleOf(`${header}.${payload}.${rsa}`), "wrong_algorithm");
  for (const key of ["", "secret", "null", OTHER_KEY, new Uint8Array(32), KEY.subarray(0, 31)]) {
    assert.equal(await ruleOf(forge(HEADER, CLAIMS, key)), "bad_signature");
  }
});

Deno.test("headers that bring or choose a key, or ask to be understood, are refused", async () => {
  const jwk = { kty: "oct", k: base64url(OTHER_KEY) };
  const tricks: Record<string, unknown>[] = [
    { crit: ["exp"], exp: 1 },
    { crit: [] },
    { crit: ["b64"], b64: false },
    { b64: false },
    { jwk },
    { jku: "http://127.0.0.1:9/jwks.json" },
    { x5u: "http://127.0.0.1:9/cert.pem" },
    { x5c: ["AAAA"] },
    { kid: "../../../../dev/null" },
    { kid: "' union select 'x' --" },
    { kid: "1" },
    { cty: "JWT" },
    { zip: "DEF" },
    { __proto__x: 1 },
  ];
  for (const trick of tricks) {
    const header = { ...HEADER, ...trick };
    assert.equal(await ruleOf(forge(header, CLAIMS)), "malformed", JSON.stringify(trick));
    assert.equal(await ruleOf(forge(header, CLAIMS, OTHER_KEY)), "malformed");
  }
});

Deno.test("another JWT of the same key is no token", async () => {
  for (const typ of ["JWT", "at+jwt", "SPGOV+JWT", "", undefined]) {
    assert.equal(await ruleOf(forge({ alg: "HS256", typ }, CLAIMS)), "wrong_type", String(typ));
  }
});

Deno.test("a changed payload, header or signature is refused", async () => {
  const [header, payload, signature] = partsOf(await issueToken(KEY, CLAIMS));
  const admin = base64url(JSON.stringify({ ...CLAIMS, tier: "admin" }));
  assert.equal(await ruleOf(`${header}.${admin}.${signature}`), "bad_signature");
  const reordered = base64url(JSON.stringify({ typ: HEADER.typ, alg: "HS256" }));
  assert.equal(await ruleOf(`${reordered}.${payload}.${signature}`), "bad_signature");
  for (const cut of [1, 10, 42]) {
    assert.notEqual(await ruleOf(`${header}.${payload}.${signature.slice(cut)}`), "accepted");
  }
  assert.equal(
    await ruleOf(`${header}.${payload}.${base64url(new Uint8Array(32))}`),
    "bad_signature",
  );
});

Deno.test("every single changed character of a token is refused", async () => {
  const token = await issueToken(KEY, CLAIMS);
  for (let i = 0; i < token.length; i++) {
    const other = token[i] === "A" ? "B" : "A";
    const changed = token.slice(0, i) + other + token.slice(i + 1);
    assert.notEqual(await ruleOf(changed), "accepted", `character ${i}`);
  }
});

Deno.test("a second spelling of the same signature bytes is refused", async () => {
  const token = await issueToken(KEY, CLAIMS);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const last = alphabet.indexOf(token.at(-1) ?? "");
  for (let spare = 1; spare < 4; spare++) {
    const twin = token.slice(0, -1) + alphabet[last ^ spare];
    assert.equal(await ruleOf(twin), "malformed");
  }
  assert.equal(await ruleOf(`${token}=`), "malformed");
});

Deno.test("another issuer or audience is refused, lists of audiences too", async () => {
  for (const iss of ["spgov:other", "spgov:test ", "SPGOV:TEST", "spgov:"]) {
    assert.equal(await ruleOf(forge(HEADER, { ...CLAIMS, iss })), "wrong_issuer", iss);
  }
  for (const aud of ["api", "mcp", "Hook", "hook ", "*", ""]) {
    assert.equal(await ruleOf(forge(HEADER, { ...CLAIMS, aud })), "wrong_audience", aud);
  }
  for (const aud of [["hook"], ["hook", "api"], null, 1, { hook: true }]) {
    assert.equal(await ruleOf(forge(HEADER, { ...CLAIMS, aud })), "malformed");
  }
});

Deno.test("times count with 60 seconds of leeway, not more", async () => {
  const token = await issueToken(KEY, CLAIMS);
  const end = CLAIMS.exp;
  assert.equal(await ruleOf(token, end + 59), "accepted");
  assert.equal(await ruleOf(token, end + 60), "expired");
  assert.equal(await ruleOf(token, NOW_S - 60), "accepted");
  assert.equal(await ruleOf(token, NOW_S - 61), "not_yet_valid");
  const later = await issueToken(KEY, { ...CLAIMS, nbf: NOW_S + 61 });
  assert.equal(await ruleOf(later), "not_yet_valid");
  assert.equal(await ruleOf(later, NOW_S + 1), "accepted");
  const future = await issueToken(KEY, { ...CLAIMS, iat: NOW_S + 300 });
  assert.equal(await ruleOf(future), "not_yet_valid");
});

Deno.test("a refused token with a genuine signature says whom to record, a forged one does not", async () => {
  const expired = await verifyAt(await issueToken(KEY, CLAIMS), CLAIMS.exp + 100);
  assert.equal(!expired.ok && expired.claims?.sub, "alice");
  const forged = await verifyAt(forge(HEADER, CLAIMS, OTHER_KEY));
  assert.equal(!forged.ok && forged.claims, undefined);
});

Deno.test("claims that are missing, unknown or of a wrong type are refused though signed", async () => {
  for (const name of Object.keys(CLAIMS)) {
    const { [name]: _, ...rest } = CLAIMS as unknown as Record<string, unknown>;
    assert.equal(await ruleOf(forge(HEADER, rest)), "malformed", `without ${name}`);
    for (const value of [null, {}, [], true]) {
      assert.equal(await ruleOf(forge(HEADER, { ...CLAIMS, [name]: value })), "malformed", name);
    }
  }
  const odd: Record<string, unknown>[] = [
    { sub: "" },
    { sid: "" },
    { jti: "x".repeat(257) },
    { tier: "root" },
    { tier: "Admin" },
    { tier: "toString" },
    { exp: String(CLAIMS.exp) },
    { exp: CLAIMS.exp + 0.5 },
    { exp: 1e308 },
    { exp: -1 },
    { exp: CLAIMS.iat },
    { nbf: CLAIMS.exp },
    { scope: "admin" },
    { roles: ["admin"] },
    { dept: 7 },
    { agent: "" },
  ];
  for (const claim of odd) {
    assert.equal(
      await ruleOf(forge(HEADER, { ...CLAIMS, ...claim })),
      "malformed",
      JSON.stringify(claim),
    );
  }
});

Deno.test("repeated claims, white space and escapes are refused though signed", async () => {
  const text = JSON.stringify(CLAIMS);
  const twice = text.replace("{", '{"tier":"admin",');
  assert.equal(JSON.parse(twice).tier, "user");
  for (
    const payload of [
      twice,
      text.replace(/}$/, ',"sub":"root"}'),
      ` ${text}`,
      `${text}\n`,
      text.replace('"tier"', '"\\u0074ier"'),
      `\ufeff${text}`,
      `[${text}]`,
      "null",
      "{}",
      '"x"',
      text.replace("{", '{"__proto__":{"tier":"admin"},'),
    ]
  ) {
    assert.equal(await ruleOf(forge(HEADER, payload)), "malformed", payload.slice(0, 40));
  }
  const header = '{"alg":"none","alg":"HS256","typ":"spgov+jwt"}';
  assert.equal(await ruleOf(forge(header, CLAIMS)), "malformed");
});

Deno.test("oversize tokens are refused without being read", async () => {
  const token = await issueToken(KEY, CLAIMS);
  assert.equal(await ruleOf(token + "A".repeat(4097 - token.length)), "oversize");
  assert.equal(await ruleOf("A".repeat(1_000_000)), "oversize");
  assert.equal(await ruleOf(`${token}${" ".repeat(1_000_000)}`), "oversize");
  assert.equal(await ruleOf(".".repeat(1_000_000)), "oversize");
});

Deno.test("garbage is malformed, whatever it looks like", async () => {
  const token = await issueToken(KEY, CLAIMS);
  const garbage = [
    "x",
    ".",
    "..",
    "...",
    "a.b",
    "a.b.c",
    "a.b.c.d",
    "!!.!!.!!",
    "null",
    "undefined",
    "Bearer",
    `Bearer ${token}`,
    ` ${token}`,
    `${token} `,
    `${token}\n`,
    `${token}\r\nx-user-id: root`,
    `${token}\0`,
    `${token}.`,
    `.${token}`,
    token.replace(".", ".."),
    token.replaceAll(".", "。"),
    token.replace("e", "е"),
    `${token}\u200b`,
    "🔑.🔑.🔑",
    "\ud800.\ud800.\ud800",
    "e30.e30.e30",
    `${base64url("\xff\xfe")}.${base64url("{}")}.AAAA`,
    token.replaceAll("-", "+").replaceAll("_", "/") + "+",
  ];
  for (const text of garbage) {
    const rule = await ruleOf(text);
    assert.ok(["malformed", "wrong_algorithm"].includes(rule), `${JSON.stringify(text)}: ${rule}`);
  }
});

Deno.test("no reason holds a character of the token it speaks of", async () => {
  const secret = "zqzqzqzqzq";
  const tokens = [
    forge(HEADER, { ...CLAIMS, sub: secret, iss: secret }),
    forge({ alg: secret, typ: secret }, CLAIMS),
    forge(HEADER, { ...CLAIMS, sub: secret }, OTHER_KEY),
    `${secret}.${secret}.${secret}`,
  ];
  for (const token of tokens) {
    const result = await verifyAt(token);
    assert.ok(!result.ok);
    assert.doesNotMatch(JSON.stringify(result.failure), /zq/);
  }
});
