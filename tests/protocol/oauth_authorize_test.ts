import assert from "node:assert/strict";
import {
  authorizationUrl,
  type OAuthWorld,
  type Person,
  REDIRECT,
  type Registered,
  startOAuthWorld,
} from "../support/oauth_world.ts";

/** The authorization endpoint: what is asked for, by whom, and where nobody is ever sent. */

let world: OAuthWorld;
let ada: Person;
let client: Registered;
let web: Registered;
Deno.test.beforeAll(async () => {
  world = await startOAuthWorld({ oauth: "dynamic_registration: true\n" });
  ada = await world.person("ada");
  client = await world.client();
  web = await world.client({ redirectUris: ["https://client.example/callback?fixed=1"] });
});
Deno.test.afterAll(() => world.stop());

type Fields = Readonly<Record<string, string>>;

/** What a browser without a session gets, or one of `person`. */
async function ask(
  parameters: Fields,
  by?: Registered,
  person?: Person,
): Promise<{ status: number; location: string; text: string }> {
  const { href } = await authorizationUrl(world.url, by ?? client, { parameters });
  const response = person ? await person.get(href) : await fetch(href, { redirect: "manual" });
  const location = response.headers.get("location") ?? "";
  return { status: response.status, location, text: await response.text() };
}

/** The error that the client is told of, at its own address. */
async function refused(parameters: Fields, person?: Person): Promise<string> {
  const { status, location } = await ask(parameters, client, person);
  assert.equal(status, 303);
  const back = new URL(location);
  assert.equal(back.origin + back.pathname, REDIRECT);
  assert.equal(back.searchParams.get("iss"), world.url);
  assert.equal(back.searchParams.get("state"), parameters["state"] ?? "a state");
  assert.equal(back.searchParams.get("code"), null);
  return back.searchParams.get("error") ?? "";
}

const NEVER_REDIRECTED: readonly (readonly [string, Fields])[] = [
  ["no client", { client_id: "" }],
  ["an unknown client", { client_id: "nobody" }],
  ["no address", { redirect_uri: "" }],
  ["another address", { redirect_uri: "https://evil.example/callback" }],
  ["a lookalike host", { redirect_uri: "http://127.0.0.1.evil.example:33418/callback" }],
  ["user information", { redirect_uri: "http://127.0.0.1:33418@evil.example/callback" }],
  ["a fragment", { redirect_uri: `${REDIRECT}#evil` }],
  ["another path", { redirect_uri: "http://127.0.0.1:33418/callback/../evil" }],
  ["another loopback name", { redirect_uri: "http://localhost:33418/callback" }],
  ["a script", { redirect_uri: "javascript:alert(1)" }],
  ["a state that is too long", { state: "x".repeat(3000) }],
];
for (const [what, parameters] of NEVER_REDIRECTED) {
  Deno.test(`nobody is sent anywhere: ${what}`, async () => {
    const { status, location, text } = await ask(parameters);
    assert.deepEqual([status, location], [400, ""]);
    assert.doesNotMatch(text, /evil|alert/);
    // The same when the rest is wrong too: nothing is answered before the address is known.
    const worse = await ask({ ...parameters, response_type: "token", scope: "no:scope" });
    assert.deepEqual([worse.status, worse.location], [400, ""]);
  });
}

Deno.test("nobody is sent anywhere: an address that is there twice", async () => {
  const { href } = await authorizationUrl(world.url, client);
  for (const more of ["redirect_uri=https://evil.example/", `client_id=${web.id}`, "state=2"]) {
    const response = await fetch(`${href}&${more}`, { redirect: "manual" });
    await response.body?.cancel();
    assert.deepEqual([response.status, response.headers.get("location")], [400, null]);
  }
});

const REFUSED: readonly (readonly [string, Fields, string])[] = [
  ["no response type", { response_type: "" }, "invalid_request"],
  ["an implicit token", { response_type: "token" }, "unsupported_response_type"],
  ["a hybrid", { response_type: "code id_token" }, "unsupported_response_type"],
  ["a fragment answer", { response_mode: "fragment" }, "invalid_request"],
  ["no PKCE", { code_challenge: "", code_challenge_method: "" }, "invalid_request"],
  ["plain PKCE", { code_challenge_method: "plain" }, "invalid_request"],
  ["PKCE without a method, which means plain", { code_challenge_method: "" }, "invalid_request"],
  ["a short challenge", { code_challenge: "short" }, "invalid_request"],
  ["a challenge that is no hash", { code_challenge: "a".repeat(44) }, "invalid_request"],
  ["an unknown resource", { resource: "https://elsewhere.example/mcp" }, "invalid_target"],
  ["a resource of another path", { resource: "PATH" }, "invalid_target"],
  ["a resource by another name of this host", { resource: "NAME" }, "invalid_target"],
  ["a scope of another server", { scope: "beta:use" }, "invalid_scope"],
  ["an unknown scope", { scope: "alpha:use alpha:admin" }, "invalid_scope"],
  ["a scope with a quote", { scope: 'alpha:use "' }, "invalid_scope"],
  ["a request object", { request: "eyJ" }, "request_not_supported"],
  [
    "an address of a request object",
    { request_uri: "https://e.example" },
    "request_uri_not_supported",
  ],
  ["a prompt that contradicts itself", { prompt: "none login" }, "invalid_request"],
  ["an unknown prompt", { prompt: "create" }, "invalid_request"],
  ["an age that is none", { max_age: "-1" }, "invalid_request"],
  ["nobody signed in, and nothing to be shown", { prompt: "none" }, "login_required"],
];
for (const [what, parameters, error] of REFUSED) {
  Deno.test(`the client is told: ${what}`, async () => {
    const places: Fields = {
      PATH: `${world.url}/api/v1/mcp/alpha`,
      NAME: world.resource("alpha").replace("127.0.0.1", "localhost"),
    };
    const { resource } = parameters;
    const given = resource === undefined ? {} : { resource: places[resource] ?? resource };
    assert.equal(await refused({ ...parameters, ...given }), error);
  });
}

Deno.test("two resources are one too many", async () => {
  const { href } = await authorizationUrl(world.url, client);
  const response = await fetch(`${href}&resource=${encodeURIComponent(world.resource("beta"))}`, {
    redirect: "manual",
  });
  await response.body?.cancel();
  assert.match(response.headers.get("location") ?? "", /error=invalid_target/);
});

Deno.test("any port of the registered loopback address is the client's; a query stays", async () => {
  const other = REDIRECT.replace("33418", "51234");
  const there = await ada.visit(
    (await authorizationUrl(world.url, client, { parameters: { redirect_uri: other } })).href,
  );
  assert.equal(there.origin + there.pathname, other);
  const { href } = await authorizationUrl(world.url, web, {
    parameters: { redirect_uri: "https://client.example/callback?fixed=1" },
  });
  const back = await ada.visit(href);
  assert.equal(back.origin, "https://client.example");
  assert.equal(back.searchParams.get("fixed"), "1");
  assert.ok(back.searchParams.get("code"));
});

Deno.test("without a state there is none in the answer", async () => {
  const { back } = await world.code(ada, client, { parameters: { state: "" } });
  assert.equal(back.searchParams.has("state"), false);
});

Deno.test("the one server whose scopes are asked for is meant where none is named", async () => {
  const { access_token } = await world.tokens(ada, client, { parameters: { resource: "" } });
  assert.notEqual(await world.call("alpha", access_token), 401);
  assert.equal(
    await refused({ resource: "", scope: "alpha:use beta:use" }),
    "invalid_target",
  );
});

Deno.test("no scope means the server's own; a client has no more than it is registered for", async () => {
  assert.equal((await world.tokens(ada, client, { scope: "" })).scope, "alpha:use");
  const narrow = await world.client({ scopes: ["alpha:use"] });
  const { location } = await ask({ scope: "alpha:use alpha:write" }, narrow);
  assert.match(location, /error=invalid_scope/);
});

Deno.test("a person is asked; whoever says no says it to the client, in a row", async () => {
  const first = await ask({}, client);
  assert.match(first.location, /^\/sign-in\?interaction=[\w-]{43}$/);
  const second = await ask({}, client, ada);
  assert.match(second.location, /^\/consent\?interaction=[\w-]{43}$/);
  const { back } = await world.code(ada, client, { decision: { allow: false } });
  assert.equal(back.searchParams.get("error"), "access_denied");
  assert.equal(back.searchParams.has("code"), false);
  const row = (await world.rows("identity:consent_refused")).at(-1);
  assert.deepEqual([row?.userId, row?.clientId], [ada.user.id, client.id]);
});

Deno.test("a person may give less than was asked for, and not more", async () => {
  const wish = { scope: "alpha:use alpha:write" };
  const less = await world.tokens(ada, client, {
    ...wish,
    decision: { allow: true, scopes: ["alpha:write"] },
  });
  assert.equal(less.scope, "alpha:write");
  const more = await world.tokens(ada, client, {
    decision: { allow: true, scopes: ["alpha:use", "alpha:write", "beta:use"] },
  });
  assert.equal(more.scope, "alpha:use");
  const { back } = await world.code(ada, client, { decision: { allow: true, scopes: [] } });
  assert.equal(back.searchParams.get("error"), "access_denied");
});

Deno.test("a consent is remembered where the address proves the client, and nowhere else", async () => {
  const grace = await world.person("grace");
  const redirect = { redirect_uri: "https://client.example/callback?fixed=1" };
  const { href } = await authorizationUrl(world.url, web, { parameters: redirect });
  await grace.visit(href);
  const again = await ask(redirect, web, grace);
  assert.match(again.location, /^https:\/\/client\.example\/callback\?fixed=1&code=/);
  const silent = await ask({ ...redirect, prompt: "none" }, web, grace);
  assert.match(silent.location, /[?&]code=/);
  const asked = await ask({ ...redirect, prompt: "consent" }, web, grace);
  assert.match(asked.location, /^\/consent/);
  const wider = await ask({ ...redirect, scope: "alpha:use alpha:write" }, web, grace);
  assert.match(wider.location, /^\/consent/);
  const elsewhere = { ...redirect, scope: "beta:use", resource: world.resource("beta") };
  assert.match((await ask(elsewhere, web, grace)).location, /^\/consent/);
  // Anything on this computer could listen on a loopback port.
  await world.code(grace, client);
  assert.match((await ask({}, client, grace)).location, /^\/consent/);
  assert.equal(await refused({ prompt: "none" }, grace), "consent_required");
  // Said once only.
  const linus = await world.person("linus");
  await linus.visit(href, { allow: true, once: true });
  assert.match((await ask(redirect, web, linus)).location, /^\/consent/);
});

Deno.test("whoever is to sign in again has to, before anything is given", async () => {
  for (const parameters of [{ prompt: "login" }, { max_age: "0" }, { prompt: "select_account" }]) {
    const { location } = await ask(parameters, client, ada);
    assert.match(location, /^\/sign-in\?interaction=/);
    const id = new URL(location, world.url).searchParams.get("interaction") ?? "";
    assert.match(await world.interactions.next(id, ada.form.session), /^\/sign-in/);
    await assert.rejects(world.interactions.complete(id, ada.form, { allow: true }), /sign-in/);
  }
  const { location } = await ask({ max_age: "3600" }, client, ada);
  assert.match(location, /^\/consent/);
});

Deno.test("an interaction is settled once, by one of many, and ends in time", async () => {
  const { location } = await ask({}, client, ada);
  const id = new URL(location, world.url).searchParams.get("interaction") ?? "";
  const settled = await Promise.allSettled(
    Array.from({ length: 20 }, () => world.interactions.complete(id, ada.form, { allow: true })),
  );
  assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
  assert.equal(await world.interactions.find(id), undefined);
  const late = new URL((await ask({}, client, ada)).location, world.url).searchParams;
  await world.sql`update oauth_interactions set expires_at = now()`;
  await assert.rejects(world.interactions.next(late.get("interaction") ?? "", ada.form.session));
  const [stored] = await world.sql`
    select count(*)::int as n from oauth_interactions where encode(id_hash, 'escape') = ${id}`;
  assert.equal(stored?.n, 0);
});

Deno.test("nobody gives what their role may not have", async () => {
  const guest = await world.person("guest", ["anonymous"]);
  const { location } = await ask({}, client, guest);
  assert.match(location, /error=access_denied/);
});

Deno.test("a request to a host that is not ours gets no metadata and no authorization", async () => {
  const get = async (path: string, host: string) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: world.service.port });
    const text = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    await connection.write(new TextEncoder().encode(text));
    return await new Response(connection.readable).text();
  };
  for (const host of ["evil.example", `evil.example:${world.service.port}`, "127.0.0.1:1"]) {
    for (
      const path of ["/.well-known/oauth-authorization-server", "/api/v1/core/oauth/authorize"]
    ) {
      const answer = await get(path, host);
      assert.match(answer, /^HTTP\/1\.1 400/);
      assert.doesNotMatch(answer, /issuer/);
    }
  }
});

Deno.test("metadata: each server is a resource of its own, at both places; nothing else is one", async () => {
  for (const name of ["alpha", "beta", "all"]) {
    for (
      const path of [
        `/.well-known/oauth-protected-resource/api/v1/mcp/${name}/mcp`,
        `/api/v1/mcp/${name}/mcp/.well-known/oauth-protected-resource`,
      ]
    ) {
      const metadata = await (await fetch(world.url + path)).json();
      assert.equal(metadata.resource, world.resource(name));
      assert.deepEqual(metadata.authorization_servers, [world.url]);
    }
  }
  for (const suffix of ["", "/", "/api/v1/mcp/gamma/mcp", "/api/v1/mcp/alpha"]) {
    const response = await fetch(`${world.url}/.well-known/oauth-protected-resource${suffix}`);
    await response.body?.cancel();
    assert.equal(response.status, 404, suffix);
  }
  const { headers, body } = await fetch(`${world.url}/api/v1/mcp/alpha/mcp`, { method: "POST" });
  await body?.cancel();
  assert.match(
    headers.get("www-authenticate") ?? "",
    /resource_metadata="http:[^"]*\/\.well-known\/oauth-protected-resource\/api\/v1\/mcp\/alpha\/mcp"/,
  );
});

Deno.test("clients that register themselves manage their registration, and nobody else's", async () => {
  const endpoint = `${world.url}/api/v1/core/oauth/register`;
  const send = async (method: string, url: string, token?: string, body?: unknown) => {
    const response = await fetch(url, {
      method,
      headers: {
        "content-type": "application/json",
        ...token !== undefined && { authorization: `Bearer ${token}` },
      },
      ...body !== undefined && { body: JSON.stringify(body) },
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  const metadata = {
    client_name: "Self",
    redirect_uris: [REDIRECT],
    grant_types: ["authorization_code"],
  };
  const made = await send("POST", endpoint, undefined, metadata);
  assert.equal(made.status, 201);
  const { client_id, client_secret, registration_access_token: own } = made.body;
  assert.ok(client_secret && made.body.token_endpoint_auth_method === "client_secret_basic");
  const url = made.body.registration_client_uri;
  const other = (await send("POST", endpoint, undefined, metadata)).body;
  for (const token of [undefined, "reg_made_up", other.registration_access_token]) {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const body = method === "PUT" ? { ...metadata, client_id } : undefined;
      assert.equal((await send(method, url, token, body)).status, 401);
    }
  }
  assert.equal((await send("GET", url, own)).body.client_name, "Self");
  const changed = await send("PUT", url, own, { ...metadata, client_id, client_name: "Other" });
  assert.equal(changed.body.client_name, "Other");
  assert.equal(changed.body.client_secret, undefined);
  assert.equal((await send("PUT", url, own, metadata)).status, 400);
  assert.equal((await send("DELETE", url, own)).status, 204);
  assert.equal((await send("GET", url, own)).status, 401);
  for (
    const [bad, error] of [
      [{ ...metadata, redirect_uris: ["http://evil.example/"] }, "invalid_redirect_uri"],
      [{ ...metadata, redirect_uris: [] }, "invalid_redirect_uri"],
      [{ ...metadata, redirect_uris: ["cursor://x"] }, "invalid_redirect_uri"],
      [{ ...metadata, grant_types: ["client_credentials"] }, "invalid_client_metadata"],
      [{ ...metadata, token_endpoint_auth_method: "tls_client_auth" }, "invalid_client_metadata"],
      [{ redirect_uris: "x" }, "invalid_client_metadata"],
      [[], "invalid_client_metadata"],
    ] as const
  ) {
    const { status, body } = await send("POST", endpoint, undefined, bad);
    assert.deepEqual([status, body.error], [400, error]);
  }
  const rows = await world.rows("identity:client_created");
  assert.ok(rows.some(({ clientId }) => clientId === client_id));
  const [stored] = await world
    .sql`select registration_hash from oauth_clients where id = ${other.client_id}`;
  assert.equal(stored?.registrationHash.length, 32);
});

Deno.test("what the configuration takes back is gone without a restart", async () => {
  const endpoint = async () =>
    (await (await fetch(`${world.url}/.well-known/oauth-authorization-server`)).json())
      .registration_endpoint;
  assert.ok(await endpoint());
  const path = `${world.service.home}/services/oauth/config.yaml`;
  await Deno.writeTextFile(path, "dynamic_registration: false\n");
  const deadline = Date.now() + 10_000;
  while (await endpoint() !== undefined) {
    assert.ok(Date.now() < deadline, "still offered");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const response = await fetch(`${world.url}/api/v1/core/oauth/register`, {
    method: "POST",
    body: JSON.stringify({ redirect_uris: [REDIRECT] }),
  });
  assert.equal((await response.json()).error, "access_denied");
});
