import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { createApp, type HttpDependencies, routeTable } from "../../src/http/mod.ts";
import { type PageDependencies, pageRoutes } from "../../src/ui/mod.ts";
import { OPERATOR_ID, type TokenClaims, type TokenRule } from "../../src/identity/mod.ts";
import { deriveKey, loadMasterKey } from "../../src/vault/mod.ts";
import { pause } from "../support/fault_load.ts";
import { faultTest } from "../support/fault_service.ts";
import { type Governed, startService, type TestService } from "../support/service.ts";
import { changesOf } from "../support/watch.ts";

let service: TestService;
let token: string;
let key: Uint8Array;
Deno.test.beforeAll(async () => {
  service = await startService({ gateways: 2 });
  token = await service.token();
  key = deriveKey((await loadMasterKey({ home: service.home, env: {} })).key, "token").reveal();
  await service.govern(token, call());
});
Deno.test.afterAll(() => service.stop());

function call(extra: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    hook_event_name: "PreToolUse",
    session_id: "claimed",
    tool_name: "Read",
    tool_use_id: crypto.randomUUID(),
    tool_input: { file_path: "/tmp/notes" },
    ...extra,
  });
}

function encode(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

const HEADER = { alg: "HS256", typ: "spgov+jwt" };

/** A token with other claims, header or key than the service gave out. */
function forge(
  claims: Partial<TokenClaims>,
  header: object = HEADER,
  secret: Uint8Array = key,
): string {
  const content = `${encode(header)}.${encode({ ...claimsOf(token), ...claims })}`;
  const signature = createHmac("sha256", secret).update(content).digest("base64url");
  return `${content}.${signature}`;
}

function claimsOf(text: string): TokenClaims {
  const payload = text.split(".")[1] ?? "";
  const bytes = Uint8Array.fromBase64(payload, { alphabet: "base64url" });
  return JSON.parse(new TextDecoder().decode(bytes));
}

function withoutSignature(): string {
  return `${encode({ alg: "none", typ: "spgov+jwt" })}.${encode(claimsOf(token))}.`;
}

function asymmetric(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const content = `${encode({ ...HEADER, alg: "RS256" })}.${encode(claimsOf(token))}`;
  return `${content}.${
    sign("sha256", new TextEncoder().encode(content), privateKey).toString("base64url")
  }`;
}

const HOUR_S = 3600;
const nowS = () => Math.floor(Date.now() / 1000);

const TOKENS:
  readonly (readonly [string, () => string | undefined | Promise<string>, TokenRule])[] = [
    ["none at all", () => undefined, "missing_token"],
    ["garbage", () => "garbage", "malformed"],
    ["three dots", () => "...", "malformed"],
    ["oversize", () => `${token}${"A".repeat(8192)}`, "oversize"],
    ["alg none", withoutSignature, "wrong_algorithm"],
    ["alg None", () => forge({}, { ...HEADER, alg: "None" }), "wrong_algorithm"],
    ["HS512 in the header", () => forge({}, { ...HEADER, alg: "HS512" }), "wrong_algorithm"],
    ["RS256", asymmetric, "wrong_algorithm"],
    ["another key", () => forge({}, HEADER, new Uint8Array(32).fill(1)), "bad_signature"],
    ["an empty key", () => forge({}, HEADER, new Uint8Array()), "bad_signature"],
    [
      "another signature",
      () => forge({ jti: "x" }, HEADER).replace(/.{6}$/, "AAAAAA"),
      "bad_signature",
    ],
    ["another type", () => forge({}, { ...HEADER, typ: "JWT" }), "wrong_type"],
    ["another issuer", () => forge({ iss: "spgov:other" }), "wrong_issuer"],
    ["the audience api", () => service.token({ audience: "api" }), "wrong_audience"],
    ["the audience mcp", () => service.token({ audience: "mcp" }), "wrong_audience"],
    [
      "expired",
      () => forge({ iat: nowS() - 2 * HOUR_S, nbf: nowS() - 2 * HOUR_S, exp: nowS() - HOUR_S }),
      "expired",
    ],
    [
      "not yet valid",
      () => forge({ nbf: nowS() + HOUR_S, exp: nowS() + 2 * HOUR_S }),
      "not_yet_valid",
    ],
    ["a session that is none", () => forge({ sid: "sess_none" }), "unknown_session"],
  ];

/** Refusals of tokens that this service did sign. */
const SIGNED: readonly TokenRule[] = [
  ...["wrong_issuer", "wrong_audience", "expired", "not_yet_valid"] as const,
  "unknown_session",
];

for (const [name, make, rule] of TOKENS) {
  faultTest(`token: ${name} is refused as ${rule}, with one row`, async () => {
    const bearer = await make();
    const [{ status, body, headers }, { rows, windows, others }] = await changesOf(
      service,
      () => service.govern(bearer, call()),
    );
    assert.equal(status, 200);
    assert.equal(body.hookSpecificOutput.permissionDecision, "deny");
    assert.equal(headers.get("policy"), "auth_failure");
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.decision, "deny");
    // Whose token it is, is known only where its signature is good; it is trusted with nothing.
    const isSigned = SIGNED.includes(rule);
    assert.equal(rows[0]?.userId, isSigned ? OPERATOR_ID : "anonymous");
    assert.equal(rows[0]?.role, "anonymous");
    assert.equal(rows[0]?.detail.rule, rule);
    const kept = JSON.stringify(rows[0]);
    const secret = bearer?.split(".")[2] ?? "";
    assert.ok(secret.length < 8 || !kept.includes(secret), "the row keeps the token");
    assert.deepEqual([windows, others], [{}, []]);
  });
}

faultTest("token: a scheme other than Bearer is no token", async () => {
  for (const authorization of [`Basic ${token}`, token, `bearer${token}`, `Bearer`]) {
    const { headers } = await service.govern(undefined, call(), { authorization });
    assert.equal(headers.get("policy"), "auth_failure");
  }
  const { headers } = await service.govern(undefined, call(), {
    authorization: `bEARER  ${token}`,
  });
  assert.equal(headers.get("policy"), "default_allow");
});

faultTest(
  "token: one that is revoked in the middle of a stream of calls ends within a second",
  async () => {
    const doomed = await service.token();
    const { sid } = claimsOf(doomed);
    const allowedAt: number[] = [];
    const refusals: string[] = [];
    const stream = (async () => {
      // No more than a few refusals: an address has its share of recorded ones a minute.
      while (refusals.length < 3) {
        const sentAt = performance.now();
        const [{ headers }, rule] = await decide(doomed);
        if (headers.get("policy") === "default_allow") allowedAt.push(sentAt);
        else refusals.push(rule);
      }
    })();
    await pause(300);
    const { code, stderr } = await service.cli("admin", "session", "revoke", sid, "--yes");
    const revokedAt = performance.now();
    assert.equal(code, 0, stderr);
    await stream;
    const late = (allowedAt.at(-1) ?? 0) - revokedAt;
    assert.ok(allowedAt.length > 0);
    assert.ok(late < 1000, `allowed ${late} ms after it was revoked`);
    for (const rule of refusals) assert.match(rule, /^(revoked|session_ended)$/);
  },
);

/** One call, and the rule that its row names. */
async function decide(bearer: string): Promise<readonly [Governed, string]> {
  const [answer, { rows }] = await changesOf(service, () => service.govern(bearer, call()));
  return [answer, rows.at(-1)?.detail.rule];
}

/** Fields by which a body claims to be somebody else. */
const CLAIMED: readonly Readonly<Record<string, unknown>>[] = [
  { session_id: "another" },
  { user_id: "root", user: { id: "root", roles: ["admin"] }, sub: "root" },
  { role: "admin", tier: "admin", scope: "admin", permissions: ["*"] },
  { sid: "another", sessionId: "another", jti: "another", client_id: "another" },
  { token: "x", authorization: "Bearer x", department: "finance", dept: "finance" },
];

faultTest(
  "identity: what a body claims changes neither who calls nor what is counted",
  async () => {
    const mine = await service.token({ role: "user" });
    const { sid } = claimsOf(mine);
    const window = `calls:session:${sid}`;
    await service.govern(mine, call());
    for (const fields of CLAIMED) {
      const [{ headers }, { rows, windows, others }] = await changesOf(
        service,
        () => service.govern(mine, call(fields)),
      );
      assert.equal(headers.get("policy"), "default_allow", JSON.stringify(fields));
      assert.equal(rows.length, 1);
      assert.equal(rows[0]?.userId, OPERATOR_ID);
      assert.equal(rows[0]?.sessionId, sid);
      assert.equal(rows[0]?.role, "user");
      assert.deepEqual(windows, { [window]: 1 });
      assert.deepEqual(others, []);
    }
  },
);

faultTest("identity: an agent in the body lowers the tier and never raises it", async () => {
  const roleOf = async (bearer: string, agent_type: string): Promise<string | undefined> => {
    const [, { rows }] = await changesOf(
      service,
      () => service.govern(bearer, call({ agent_type })),
    );
    return rows[0]?.role;
  };
  const user = await service.token({ role: "user" });
  assert.equal(await roleOf(token, "associate_agent"), "user");
  assert.equal(await roleOf(token, "unheard_of"), "anonymous");
  assert.equal(await roleOf(user, "developer_agent"), "user");
  assert.equal(await roleOf(user, "claude_code"), "user");
  const bound = await service.token({ role: "user", agent: "associate_agent" });
  assert.equal(await roleOf(bound, "developer_agent"), "user");
});

faultTest("a revocation row, a denial and an allow stand in a log that verifies", async () => {
  const { code, stdout } = await service.cli("infra", "logs", "verify", "--json");
  assert.equal(code, 0, stdout);
});

/** Open, since they establish for themselves who asks. */
const KNOWN_OPEN = [
  // Denies.
  /^\/api\/public\/hooks\/\*$/,
  // In the words of their own protocol: client authentication, codes, tokens. OPTIONS for browsers' clients.
  /^\/api\/v1\/core\/oauth\/|^\/\.well-known\/\*$/,
  // By a form of this browser, then a password, a passkey, a link or somebody else's provider.
  /^\/sign-in(\/passkey(\/options)?|\/link|\/with\/:provider)?$/,
];

Deno.test("routes: every route declares its permission, and nothing else is served", () => {
  const deps = {} as HttpDependencies;
  const pages = pageRoutes({} as PageDependencies);
  const table = [...routeTable(deps), ...pages];
  for (const { method, path, permission } of table) {
    assert.match(permission, /^(public|browser|[a-z]+:[a-z]+)$/, `${method} ${path}`);
  }
  const declared = new Set(table.map(({ method, path }) => `${method} ${path}`));
  const served = createApp(deps, pages).routes.map(({ method, path }) => `${method} ${path}`);
  for (const route of served) assert.ok(declared.has(route), `${route} declares no permission`);
  assert.equal(declared.size, table.length, "a route stands twice in the table");
  const open = table.filter(({ permission, method }) =>
    permission === "public" && method !== "GET"
  );
  for (const { method, path } of open) {
    assert.ok(KNOWN_OPEN.some((known) => known.test(path)), `${method} ${path} is open to all`);
  }
});

faultTest(
  "routes: a hook that is sent to the wrong place is denied in the form of hooks",
  async () => {
    const [response, { rows }] = await changesOf(
      service,
      () =>
        fetch(`${service.url}/api/public/hooks/goven`, {
          method: "POST",
          headers: { authorization: `Bearer ${token}` },
          body: call(),
        }),
    );
    const { hookSpecificOutput } = await response.json();
    assert.deepEqual([response.status, hookSpecificOutput.permissionDecision], [200, "deny"]);
    assert.deepEqual(rows, []);
  },
);

faultTest("routes: a hook endpoint is the same however its path is spelt", async () => {
  for (const path of ["hooks/govern", "hooks/gover%6e", "hooks/govern?plugin_id=p%20q"]) {
    const [response, { rows }] = await changesOf(
      service,
      () =>
        fetch(`${service.url}/api/public/${path}`, {
          method: "POST",
          headers: { authorization: `Bearer ${token}` },
          body: call(),
        }),
    );
    const { hookSpecificOutput } = await response.json();
    assert.equal(hookSpecificOutput.permissionDecision, "allow", path);
    assert.deepEqual(rows.map(({ detail }) => detail.plugin), [
      path.includes("?") ? "p q" : undefined,
    ]);
  }
});

const NOWHERE = [
  ["GET", "/"],
  ["GET", "/api/v1/nothing"],
  ["POST", "/healthz"],
  ["GET", "/api/public/hooks/../../healthz/x"],
  ["DELETE", "/metrics"],
  ["GET", "/%2e%2e/%2e%2e/etc/passwd"],
  ["GET", "/healthz/"],
] as const;

for (const [method, path] of NOWHERE) {
  faultTest(`routes: ${method} ${path} is a problem document, with no row`, async () => {
    const [response, { rows }] = await changesOf(
      service,
      () =>
        fetch(`${service.url}${path}`, { method, headers: { authorization: `Bearer ${token}` } }),
    );
    const body = await response.json();
    assert.equal(response.status, 404);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.equal(body.code, "not_found");
    assert.equal(body.status, 404);
    assert.deepEqual(rows, []);
  });
}
