import assert from "node:assert/strict";
import {
  type Answer,
  credentials,
  type OAuthWorld,
  type Person,
  REDIRECT,
  type Registered,
  startOAuthWorld,
  type Tokens,
} from "../support/oauth_world.ts";

/** What grants give, to whom, once, and what becomes of whoever tries more. */

let world: OAuthWorld;
let ada: Person;
let client: Registered;
Deno.test.beforeAll(async () => {
  world = await startOAuthWorld();
  ada = await world.person("ada");
  client = await world.client();
});
Deno.test.afterAll(() => world.stop());

async function redeem(
  { code, verifier }: { readonly code: string; readonly verifier: string },
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return await world.post("token", {
    ...{ grant_type: "authorization_code", code, code_verifier: verifier },
    ...{ redirect_uri: REDIRECT, client_id: client.id, ...more },
  });
}

async function refresh(
  token: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return await world.post("token", {
    ...{ grant_type: "refresh_token", refresh_token: token, client_id: client.id, ...more },
  });
}

async function exchange(
  token: string,
  more: Readonly<Record<string, string>>,
  by: Registered = client,
): Promise<Answer> {
  return await world.post("token", {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token: token,
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    ...credentials(by),
    ...more,
  });
}

/** Waits until the server answers the token with the status. */
async function becomes(server: string, token: string, status: number): Promise<void> {
  const deadline = Date.now() + 1000;
  while (await world.call(server, token) !== status) {
    if (Date.now() > deadline) assert.fail(`not ${status} within a second`);
  }
}

function claimsOf(token: string): Record<string, unknown> {
  const payload = Uint8Array.fromBase64(token.split(".")[1] ?? "", { alphabet: "base64url" });
  return JSON.parse(new TextDecoder().decode(payload));
}

async function lastRefusal(): Promise<{ userId: string; clientId: string; rule: string }> {
  const row = (await world.rows("identity:token_refused")).at(-1);
  assert.equal(row?.decision, "deny");
  return { userId: row?.userId ?? "", clientId: row?.clientId ?? "", rule: row?.detail.rule };
}

Deno.test("a token opens the server that it is for, and says what it is", async () => {
  const tokens = await world.tokens(ada, client, { scope: "alpha:use alpha:write" });
  const claims = claimsOf(tokens.access_token);
  assert.equal(claims["aud"], world.resource("alpha"));
  assert.equal(claims["iss"], world.url);
  assert.equal(claims["sub"], ada.user.id);
  assert.equal(claims["client_id"], client.id);
  assert.equal(claims["scope"], "alpha:use alpha:write");
  assert.ok(Number(claims["exp"]) - Number(claims["iat"]) <= 900);
  const header = JSON.parse(atob(tokens.access_token.split(".")[0] ?? ""));
  assert.deepEqual([header.alg, header.typ], ["ES256", "at+jwt"]);
  assert.notEqual(await world.call("alpha", tokens.access_token), 401);
  assert.equal(await world.call("beta", tokens.access_token), 401);
  assert.equal(await world.call("all", tokens.access_token), 401);
  assert.equal(await world.call("alpha", undefined), 401);
});

Deno.test("every answer with a token, or about one, is nobody's to keep", async () => {
  const issued = await world.code(ada, client);
  for (const answer of [await redeem(issued), await redeem(issued)]) {
    assert.equal(answer.headers.get("cache-control"), "no-store");
  }
});

Deno.test("an authorization response names the issuer and returns the state", async () => {
  const { back } = await world.code(ada, client);
  assert.equal(back.searchParams.get("iss"), world.url);
  assert.equal(back.searchParams.get("state"), "a state");
});

Deno.test("a code that comes up twice is refused, and what it gave ends", async () => {
  const issued = await world.code(ada, client);
  const first = await redeem(issued);
  assert.equal(first.status, 200);
  assert.notEqual(await world.call("alpha", first.body.access_token), 401);
  const again = await redeem(issued);
  assert.deepEqual([again.status, again.body.error], [400, "invalid_grant"]);
  await becomes("alpha", first.body.access_token, 401);
  assert.equal((await refresh(first.body.refresh_token)).body.error, "invalid_grant");
  assert.deepEqual(await lastRefusal(), {
    userId: ada.user.id,
    clientId: client.id,
    rule: "code_reused",
  });
});

Deno.test("of fifty who redeem one code, one gets tokens", async () => {
  for (let round = 0; round < 4; round++) {
    const issued = await world.code(ada, client);
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(issued)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    for (const { status, body } of answers) {
      if (status !== 200) assert.equal(body.error, "invalid_grant");
    }
  }
});

Deno.test("of fifty who refresh with one token, one gets tokens, and the family ends", async () => {
  for (let round = 0; round < 4; round++) {
    const { refresh_token, access_token } = await world.tokens(ada, client);
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(refresh_token)));
    const winners = answers.filter(({ status }) => status === 200);
    assert.equal(winners.length, 1);
    assert.equal((await refresh(winners[0]?.body.refresh_token)).body.error, "invalid_grant");
    await becomes("alpha", access_token, 401);
  }
});

Deno.test("a refresh token that comes up twice ends its family, and the row says so", async () => {
  const first = await world.tokens(ada, client);
  const second = (await refresh(first.refresh_token)).body;
  const third = (await refresh(second.refresh_token)).body;
  assert.notEqual(await world.call("alpha", third.access_token), 401);
  const reused = await refresh(first.refresh_token);
  assert.deepEqual([reused.status, reused.body.error], [400, "invalid_grant"]);
  assert.equal((await lastRefusal()).rule, "refresh_token_reused");
  const ended = (await world.rows("identity:session_ended")).at(-1);
  assert.equal(ended?.detail.reason, "refresh_token_reused");
  assert.equal((await refresh(third.refresh_token)).body.error, "invalid_grant");
  for (const { access_token } of [first, second, third]) await becomes("alpha", access_token, 401);
  const before = (await world.rows("identity:token_refused")).length;
  await refresh(first.refresh_token);
  assert.equal((await world.rows("identity:token_refused")).length, before, "a row for a dead one");
});

Deno.test("a refresh token gives no more than it holds, to nobody but its client", async () => {
  const tokens = await world.tokens(ada, client, { scope: "alpha:use alpha:write" });
  const other = await world.client();
  const refusals: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ scope: "alpha:use beta:use" }, "invalid_scope"],
    [{ resource: world.resource("beta") }, "invalid_target"],
    [{ client_id: other.id }, "invalid_grant"],
  ];
  for (const [more, error] of refusals) {
    assert.equal((await refresh(tokens.refresh_token, more)).body.error, error);
  }
  const narrow = (await refresh(tokens.refresh_token, { scope: "alpha:use" })).body;
  assert.equal(narrow.scope, "alpha:use");
  assert.equal((await refresh(narrow.refresh_token)).body.scope, "alpha:use alpha:write");
});

const MISFITS: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ["another verifier", { code_verifier: "a".repeat(43) }, "wrong_verifier"],
  ["the challenge as verifier", { code_verifier: "challenge" }, "wrong_verifier"],
  ["no verifier", { code_verifier: "" }, "wrong_verifier"],
  ["another redirect URI", { redirect_uri: "http://127.0.0.1:1/callback" }, "other_redirect_uri"],
  ["no redirect URI", { redirect_uri: "" }, "other_redirect_uri"],
  ["another resource", { resource: "http://127.0.0.1:1/api/v1/mcp/alpha/mcp" }, "other_resource"],
];
for (const [what, more, rule] of MISFITS) {
  Deno.test(`a code is refused, and gone, with ${what}`, async () => {
    const issued = await world.code(ada, client);
    const refused = await redeem(issued, more);
    assert.deepEqual([refused.status, refused.body.error], [400, "invalid_grant"]);
    assert.equal((await lastRefusal()).rule, rule);
    assert.equal((await redeem(issued)).body.error, "invalid_grant");
  });
}

Deno.test("a code is refused to another client, and when the person has signed out", async () => {
  const other = await world.client();
  const stolen = await world.code(ada, client);
  assert.equal((await redeem(stolen, { client_id: other.id })).body.error, "invalid_grant");
  const grace = await world.person("grace");
  const late = await world.code(grace, client);
  await world.sql`update sessions set revoked_at = now() where id = ${grace.browser.sessionId}`;
  assert.equal((await redeem(late)).body.error, "invalid_grant");
  assert.equal((await lastRefusal()).rule, "browser_session_ended");
});

Deno.test("nobody who is suspended, banned or demoted gets or keeps a token", async () => {
  for (const what of ["suspended", "banned", "demoted"] as const) {
    const person = await world.person(what, ["admin"]);
    const code = await world.code(person, client);
    const tokens = await world.tokens(person, client);
    if (what === "suspended") {
      await world.sql`update users set status = 'suspended' where id = ${person.user.id}`;
    } else if (what === "banned") {
      await world.sql`
        insert into bans (subject_kind, subject, reason) values ('user', ${person.user.id}, 'x')`;
    } else {
      await world.sql`update users set roles = '{anonymous}' where id = ${person.user.id}`;
    }
    await becomes("alpha", tokens.access_token, 401);
    assert.equal((await redeem(code)).status, 400, what);
    assert.equal((await refresh(tokens.refresh_token)).body.error, "invalid_grant", what);
  }
});

Deno.test("revocation: of an access token alone, of a refresh token with everything", async () => {
  const { access_token, refresh_token } = await world.tokens(ada, client);
  const next = (await refresh(refresh_token)).body;
  const revoke = (token: string, by = client) =>
    world.post("revoke", { token, ...credentials(by) });
  const other = await world.client();
  assert.equal((await revoke(next.access_token, other)).status, 200);
  assert.notEqual(await world.call("alpha", next.access_token), 401, "revoked by another client");
  assert.equal((await revoke(next.access_token)).status, 200);
  await becomes("alpha", next.access_token, 401);
  assert.notEqual(await world.call("alpha", access_token), 401);
  assert.equal((await revoke(next.refresh_token)).status, 200);
  await becomes("alpha", access_token, 401);
  assert.equal((await refresh(next.refresh_token)).body.error, "invalid_grant");
  assert.equal((await revoke("no token at all")).status, 200);
  assert.equal((await world.post("revoke", { token: access_token })).status, 401);
});

Deno.test("introspection is for clients that prove who they are, about what is theirs", async () => {
  const tokens = await world.tokens(ada, client);
  const introspect = (by: Registered) =>
    world.post("introspect", { token: tokens.access_token, ...credentials(by) });
  assert.equal((await introspect(client)).status, 401, "a public client");
  const stranger = await world.client({ authMethod: "client_secret_post" });
  assert.deepEqual((await introspect(stranger)).body, { active: false });
  const server = await world.client({ authMethod: "client_secret_post", introspects: true });
  const { body } = await introspect(server);
  assert.deepEqual([body.active, body.sub, body.scope], [true, ada.user.id, "alpha:use"]);
  const wrong = await world.post("introspect", {
    token: tokens.access_token,
    client_id: server.id,
    client_secret: "wrong",
  });
  assert.deepEqual([wrong.status, wrong.body.error], [401, "invalid_client"]);
});

Deno.test("a client proves itself in the one way that it is registered with", async () => {
  const robot = await world.person("robot", ["service"]);
  const secret = await world.client({
    authMethod: "client_secret_basic",
    grantTypes: ["client_credentials"],
    redirectUris: [],
    userId: robot.user.id,
  });
  const form = { grant_type: "client_credentials", scope: "alpha:use" };
  const basic = (id: string, pw: string) => ({ authorization: `Basic ${btoa(`${id}:${pw}`)}` });
  const good = await world.post("token", form, basic(secret.id, secret.secret));
  assert.equal(good.status, 200);
  const bad: readonly (readonly [Record<string, string>, Record<string, string>])[] = [
    [form, basic(secret.id, "wrong")],
    [form, basic(secret.id, "")],
    [form, { authorization: "Basic !!!" }],
    [form, { authorization: "Bearer x" }],
    [{ ...form, client_id: secret.id }, {}],
    [{ ...form, client_id: secret.id, client_secret: secret.secret }, {}],
    [{ ...form, client_id: "another" }, basic(secret.id, secret.secret)],
    [{ ...form, client_id: "nobody" }, {}],
    [form, {}],
  ];
  for (const [fields, headers] of bad) {
    const answer = await world.post("token", fields, headers);
    assert.deepEqual([answer.status, answer.body.error], [401, "invalid_client"]);
    assert.equal(answer.headers.has("www-authenticate"), "authorization" in headers);
  }
  assert.deepEqual(await lastRefusal(), {
    userId: robot.user.id,
    clientId: secret.id,
    rule: "client_not_proved",
  });
  const both = { ...form, client_id: secret.id, client_secret: secret.secret };
  const twice = await world.post("token", both, basic(secret.id, secret.secret));
  assert.equal(twice.body.error, "invalid_request");
});

Deno.test("client credentials: the service account's rights, and one session however often it asks", async () => {
  const robot = await world.person("robot", ["service"]);
  const nobody = await world.person("nobody", ["anonymous"]);
  const input = {
    authMethod: "client_secret_post",
    grantTypes: ["client_credentials"],
    redirectUris: [],
  } as const;
  const service = await world.client({ ...input, userId: robot.user.id, scopes: ["alpha:use"] });
  const ask = (by: Registered, scope: string) =>
    world.post("token", { grant_type: "client_credentials", scope, ...credentials(by) });
  const [first, second] = [await ask(service, "alpha:use"), await ask(service, "alpha:use")];
  const sessions = [first, second].map(({ body }) => claimsOf(body.access_token)["sid"]);
  assert.equal(sessions[0], sessions[1], "a new session is a new allowance");
  assert.equal((await ask(service, "alpha:write")).body.error, "invalid_scope");
  assert.equal((await ask(service, "openid")).body.error, "invalid_scope");
  const weak = await world.client({ ...input, userId: nobody.user.id });
  assert.equal((await ask(weak, "alpha:use")).body.error, "invalid_scope");
  const none = await world.client();
  assert.equal((await ask(none, "alpha:use")).body.error, "unauthorized_client");
});

Deno.test("token exchange narrows, and never widens", async () => {
  const all = await world.tokens(ada, client, { server: "all", scope: "alpha:use beta:use" });
  const beta = await exchange(all.access_token, { resource: world.resource("beta") });
  assert.equal(beta.status, 200);
  assert.equal(beta.body.scope, "beta:use");
  assert.equal(beta.body.refresh_token, undefined);
  assert.equal(claimsOf(beta.body.access_token)["sid"], claimsOf(all.access_token)["sid"]);
  assert.ok(
    Number(claimsOf(beta.body.access_token)["exp"]) <= Number(claimsOf(all.access_token)["exp"]),
  );
  assert.notEqual(await world.call("beta", beta.body.access_token), 401);
  assert.equal(await world.call("alpha", beta.body.access_token), 401);

  const alpha = await world.tokens(ada, client, { scope: "alpha:use" });
  const [at, all2] = [alpha.access_token, { resource: world.resource("all") }];
  const refusals: readonly (readonly [string, Record<string, string>, string])[] = [
    [at, { resource: world.resource("beta") }, "invalid_scope"],
    [at, { resource: world.resource("beta"), scope: "beta:use" }, "invalid_scope"],
    [at, { ...all2, scope: "alpha:use beta:use" }, "invalid_scope"],
    [at, { resource: world.resource("alpha"), scope: "alpha:write" }, "invalid_scope"],
    [at, { resource: "https://elsewhere.example/mcp" }, "invalid_target"],
    [beta.body.access_token, { ...all2, scope: "alpha:use" }, "invalid_scope"],
    [alpha.refresh_token, { resource: world.resource("alpha") }, "invalid_grant"],
    ["garbage", { resource: world.resource("alpha") }, "invalid_grant"],
  ];
  for (const [token, more, error] of refusals) {
    assert.equal((await exchange(token, more)).body.error, error, JSON.stringify(more));
  }
});

Deno.test("token exchange: another's token only to a client that proves who it is, and it is named", async () => {
  const { access_token } = await world.tokens(ada, client);
  const publicOther = await world.client();
  const refused = await exchange(access_token, {}, publicOther);
  assert.equal(refused.body.error, "invalid_grant");
  assert.equal((await lastRefusal()).rule, "other_client");
  const service = await world.client({ authMethod: "client_secret_post" });
  const taken = await exchange(access_token, {}, service);
  assert.deepEqual(claimsOf(taken.body.access_token)["act"], { sub: service.id });
  const plain = await world.client({ grantTypes: ["authorization_code"] });
  assert.equal((await exchange(access_token, {}, plain)).body.error, "unauthorized_client");
});

Deno.test("device codes: pending, too fast, refused, someone else's", async () => {
  const begin = async () =>
    (await world.post("device_authorization", {
      ...{ client_id: client.id, scope: "alpha:use", resource: world.resource("alpha") },
    })).body;
  const poll = (device_code: string, client_id = client.id) =>
    world.post("token", {
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      ...{ device_code, client_id },
    });
  const waiting = await begin();
  assert.equal(waiting.verification_uri, `${world.url}/device`);
  assert.equal((await poll(waiting.device_code)).body.error, "authorization_pending");
  assert.equal((await poll(waiting.device_code)).body.error, "slow_down");
  const other = await world.client();
  assert.equal((await poll(waiting.device_code, other.id)).body.error, "invalid_grant");

  const denied = await begin();
  await ada.enterCode(denied.user_code, { allow: false });
  assert.equal((await poll(denied.device_code)).body.error, "access_denied");
  assert.equal((await poll(denied.device_code)).body.error, "invalid_grant");

  const allowed = await begin();
  await ada.enterCode(allowed.user_code);
  await assert.rejects(ada.enterCode(allowed.user_code), /No device waits/);
  const answers = await Promise.all(Array.from({ length: 10 }, () => poll(allowed.device_code)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);

  const old = await begin();
  await world.sql`update oauth_device_codes set expires_at = now() where state = 'waiting'`;
  assert.equal((await poll(old.device_code)).body.error, "expired_token");
  await assert.rejects(ada.enterCode(old.user_code), /No device waits/);
});

Deno.test("a form that says something twice, or is none, is refused", async () => {
  const send = async (body: string, type = "application/x-www-form-urlencoded") => {
    const response = await fetch(`${world.url}/api/v1/core/oauth/token`, {
      method: "POST",
      headers: { "content-type": type },
      body,
    });
    return [response.status, (await response.json()).error];
  };
  const form = `grant_type=refresh_token&refresh_token=x&client_id=${client.id}`;
  assert.deepEqual(await send(form), [400, "invalid_grant"]);
  assert.deepEqual(await send(`${form}&refresh_token=y`), [400, "invalid_request"]);
  assert.deepEqual(await send(`${form}&client_id=${client.id}`), [400, "invalid_request"]);
  assert.deepEqual(await send(`${form}&x=%00`), [400, "invalid_request"]);
  assert.deepEqual(await send(form, "application/json"), [400, "invalid_request"]);
  assert.deepEqual(await send("x".repeat(100_000)), [400, "invalid_request"]);
  assert.deepEqual(await send(`grant_type=password&client_id=${client.id}`), [
    400,
    "unsupported_grant_type",
  ]);
});

Deno.test("no code, token or secret stands in a row, a log or a table", async () => {
  const secret = await world.client({ authMethod: "client_secret_post" });
  const issued = await world.code(ada, secret);
  const { body } = await redeem(issued, credentials(secret));
  const next = (await refresh(body.refresh_token, credentials(secret))).body;
  await refresh(body.refresh_token, credentials(secret));
  const device = (await world.post("device_authorization", {
    ...{ scope: "alpha:use", resource: world.resource("alpha"), ...credentials(secret) },
  })).body;
  const texts = [
    issued.code,
    issued.verifier,
    body.access_token,
    body.refresh_token,
    next.access_token,
  ]
    .concat(next.refresh_token, secret.secret, device.device_code);
  const tables = await world.sql`
    select table_name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE'`;
  let kept = world.service.logs();
  for (const { tableName } of tables) {
    const rows = await world.sql.unsafe(`select to_jsonb(t)::text as text from "${tableName}" t`);
    kept += rows.map(({ text }) => text).join("\n");
  }
  assert.ok(kept.includes(secret.id), "the tables were read");
  for (const text of texts) {
    assert.ok(text.length > 20);
    assert.ok(!kept.includes(text) && !kept.includes(text.split(".")[2] ?? text));
  }
});

Deno.test("taking a consent back, or deleting a client, ends what the client has", async () => {
  const grace = await world.person("grace");
  const own = await world.client();
  const first = await world.tokens(grace, own);
  const { code } = await world.service.cli(
    ...["admin", "oauth", "consents", "revoke", "--user", grace.user.id, "--yes"],
  );
  assert.equal(code, 0);
  await becomes("alpha", first.access_token, 401);
  const second: Tokens = await world.tokens(grace, own);
  const deleted = await world.service.cli(
    ...["admin", "oauth", "clients", "delete", own.id, "--yes", "--json"],
  );
  assert.equal(JSON.parse(deleted.stdout).data.sessions_ended, 1);
  await becomes("alpha", second.access_token, 401);
  const gone = await world.post("token", {
    ...{ grant_type: "refresh_token", refresh_token: second.refresh_token, client_id: own.id },
  });
  assert.deepEqual([gone.status, gone.body.error], [401, "invalid_client"]);
});

Deno.test("the log of all this verifies, and every kind of row is in it", async () => {
  const { code, stdout, stderr } = await world.service.cli("infra", "logs", "verify", "--json");
  assert.equal(code, 0, stderr + stdout);
  const writers = await world.sql`select distinct writer from audit_head where n > 0`;
  assert.ok(writers.some(({ writer }) => /\/egress$/.test(writer)), "egress wrote");
  const targets = await world.sql`select distinct target from audit where kind = 'identity'`;
  const written = targets.map(({ target }) => target);
  for (
    const name of [
      ...["token_issued", "token_refused", "token_revoked", "session_created", "session_ended"],
      ...[
        "consent_given",
        "consent_refused",
        "consent_revoked",
        "client_created",
        "client_deleted",
      ],
    ]
  ) assert.ok(written.includes(`identity:${name}`), name);
});
