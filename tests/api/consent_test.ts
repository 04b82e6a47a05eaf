import assert from "node:assert/strict";
import type { Pool } from "../../src/db/mod.ts";
import { setPassword, updateUser } from "../../src/identity/mod.ts";
import {
  type AuthorizationRequest,
  createConsents,
  createInteractions,
  type InteractionService,
  type Servers,
} from "../../src/oauth/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { ADMIN } from "../store/identity_world.ts";
import { Browser, type Page } from "./browser.ts";
import { contextOf, type PagesWorld, withPages } from "./pages_world.ts";

const PASSWORD = "lamp orbit velvet";
const ISSUER = "https://gov.example.com";
const REDIRECT = "https://client.example/callback";
const LOOPBACK = "http://127.0.0.1:33418/callback";

const SERVERS: Servers = {
  list: () => [],
  mayHold: (_server, scope, { tier }) => tier === "admin" || scope !== "github:admin",
};

interface ConsentWorld extends PagesWorld {
  readonly interactions: InteractionService;
  readonly ada: Browser;
  /** A request that waits; its id. */
  begin(request?: Partial<AuthorizationRequest>): Promise<string>;
}

const CLIENT: AuthorizationRequest["client"] = {
  id: "https://client.example/oauth.json",
  kind: "document",
  name: "Client",
  uri: null,
  redirectUris: [REDIRECT],
  grantTypes: ["authorization_code"],
  authMethod: "none",
  jwks: null,
  scopes: null,
  userId: null,
  introspects: false,
};

const REQUEST: AuthorizationRequest = {
  client: CLIENT,
  issuer: ISSUER,
  redirectUri: REDIRECT,
  state: "a state & more",
  nonce: undefined,
  codeChallenge: "c".repeat(43),
  resource: `${ISSUER}/api/v1/mcp/github/mcp`,
  server: "github",
  scopes: ["github:use", "github:write"],
  maxAge: undefined,
  askConsent: false,
  silent: false,
};

async function withConsent(work: (world: ConsentWorld) => Promise<void>): Promise<void> {
  let interactions: InteractionService | undefined;
  const make = (serve: Pool, vault: Pool) => {
    interactions = createInteractions({
      sql: serve,
      clock: systemClock,
      consents: createConsents({ ...contextOf(vault, "test/consents"), servers: () => SERVERS }),
    });
    return interactions;
  };
  await withPages(async (world) => {
    assert.ok(interactions);
    const service = interactions;
    await world.user("ada", PASSWORD);
    const ada = new Browser(world.base);
    await ada.signIn("ada", PASSWORD);
    const begin = (request = {}) => service.begin({ ...REQUEST, ...request });
    await work({ ...world, interactions: service, ada, begin });
  }, { interactions: make });
}

const pathOf = (id: string) => `/consent?interaction=${id}`;
const SCOPES = ["github:use", "github:write"];

function decide(browser: Browser, id: string, decision: string, more = {}): Promise<Page> {
  return browser.submit(pathOf(id), { decision, scope: SCOPES, ...more }, "/consent");
}

Deno.test("from the client through sign-in and consent back to the client, without a script", async () => {
  await withConsent(async ({ base, begin, interactions, sql }) => {
    const id = await begin();
    const browser = new Browser(base);
    const first = await interactions.next(id, undefined);
    assert.equal(first, `/sign-in?interaction=${id}`);
    const signIn = await browser.get(first);
    assert.match(signIn.text, /to continue to.*client\.example/s);
    const signedIn = await browser.signIn("ada", PASSWORD, `?interaction=${id}`);
    assert.equal(signedIn.location, pathOf(id));
    const page = await browser.get(pathOf(id));
    for (
      const part of ["client.example", "github", "github:use", "github:write", "Only this time"]
    ) {
      assert.ok(page.text.includes(part), part);
    }
    const done = await decide(browser, id, "allow");
    assert.equal(done.status, 200);
    const back = new URL(done.continueTo ?? "");
    assert.equal(`${back.origin}${back.pathname}`, REDIRECT);
    assert.match(back.searchParams.get("code") ?? "", /^[\w-]{43}$/);
    assert.equal(back.searchParams.get("state"), "a state & more");
    assert.equal(back.searchParams.get("iss"), ISSUER);
    // It goes on by itself where there is no script either, and nothing is kept or told on.
    assert.match(done.text, /<meta http-equiv="refresh" content="0;url=https:\/\/client\.example/);
    assert.equal(done.headers.get("cache-control"), "no-store");
    const rows = await sql`select target from audit where target like 'identity:consent%'`;
    assert.deepEqual(rows.map(({ target }) => target), ["identity:consent_given"]);
  });
});

Deno.test("deny tells the client so, with state and issuer, and grants nothing", async () => {
  await withConsent(async ({ ada, begin, sql }) => {
    const done = await decide(ada, await begin(), "deny");
    const back = new URL(done.continueTo ?? "");
    assert.deepEqual(
      [...back.searchParams.keys()].filter((name) => name !== "error_description").sort(),
      ["error", "iss", "state"],
    );
    assert.equal(back.searchParams.get("error"), "access_denied");
    assert.equal(back.searchParams.get("iss"), ISSUER);
    assert.match(done.text, /Not allowed/);
    assert.equal((await sql`select 1 from oauth_codes`).length, 0);
    assert.equal((await sql`select 1 from oauth_consents`).length, 0);
  });
});

Deno.test("a request is answered once", async () => {
  await withConsent(async ({ ada, begin, sql }) => {
    const id = await begin();
    const form = (await ada.get(pathOf(id))).forms[0];
    const allow = { ...form?.fields, decision: "allow", scope: SCOPES };
    const pages = await Promise.all([1, 2, 3, 4].map(() => ada.post("/consent", allow)));
    assert.deepEqual(pages.map(({ status }) => status).sort(), [200, 404, 404, 404]);
    assert.equal((await ada.post("/consent", { ...allow, decision: "deny" })).status, 404);
    assert.equal((await ada.get(pathOf(id))).status, 404);
    assert.equal((await sql`select 1 from oauth_codes`).length, 1);
  });
});

Deno.test("without a decision, a token, a session or the right origin nothing is decided", async () => {
  await withConsent(async ({ ada, base, begin, sql }) => {
    const id = await begin();
    const form = (await ada.get(pathOf(id))).forms[0];
    const allow = { ...form?.fields, decision: "allow", scope: SCOPES };
    assert.equal((await ada.post("/consent", { ...allow, form_token: "" })).status, 403);
    assert.equal(
      (await ada.post("/consent", allow, { origin: "https://evil.example" })).status,
      403,
    );
    for (const decision of ["", "maybe", "ALLOW"]) {
      assert.equal((await ada.post("/consent", { ...allow, decision })).status, 400);
    }
    assert.equal(
      (await ada.post("/consent", { ...allow, decision: ["deny", "allow"] })).status,
      400,
    );
    const nobody = new Browser(base);
    const own = (await nobody.get("/sign-in")).forms[0]?.fields.form_token ?? "";
    const sent = await nobody.post("/consent", { ...allow, form_token: own });
    assert.equal(sent.location, `/sign-in?interaction=${id}`);
    assert.equal((await sql`select 1 from oauth_interactions`).length, 1);
    assert.equal((await sql`select 1 from oauth_codes`).length, 0);
  });
});

Deno.test("another person cannot answer with somebody's form, and answers for nobody but themselves", async () => {
  await withConsent(async (world) => {
    const { ada, begin, sql } = world;
    const mallory = new Browser(world.base);
    const user = await world.user("mallory", PASSWORD);
    await mallory.signIn("mallory", PASSWORD);
    const id = await begin();
    const form = (await ada.get(pathOf(id))).forms[0];
    const stolen = { ...form?.fields, decision: "allow", scope: SCOPES };
    assert.equal((await mallory.post("/consent", stolen)).status, 403);
    // An id that was given away gives away nothing of ada's: whoever answers is whose code it is.
    await decide(mallory, id, "allow");
    const codes = await sql`select user_id from oauth_codes`;
    assert.deepEqual(codes.map(({ userId }) => userId), [user.id]);
    assert.equal((await ada.get(pathOf(id))).status, 404);
  });
});

Deno.test("what is not ticked, not held or not asked for is not granted", async () => {
  await withConsent(async ({ ada, begin, sql }) => {
    const asked = { scopes: ["github:use", "github:write", "github:admin"] };
    const scope = ["github:use", "github:admin", "github:other"];
    await decide(ada, await begin(asked), "allow", { scope });
    const [code] = await sql`select scopes from oauth_codes`;
    assert.deepEqual(code?.scopes, ["github:use"]);
    const none = await decide(ada, await begin(), "allow", { scope: [] });
    assert.equal(new URL(none.continueTo ?? "").searchParams.get("error"), "access_denied");
  });
});

Deno.test("a consent is remembered, unless only this time, and never where anybody could answer", async () => {
  await withConsent(async ({ ada, begin }) => {
    await decide(ada, await begin(), "allow", { once: "yes" });
    const asked = await ada.get(pathOf(await begin()));
    assert.equal(asked.forms.length, 1, "asked again");
    await decide(ada, await begin(), "allow");
    const remembered = await ada.get(pathOf(await begin()));
    assert.match(remembered.continueTo ?? "", /^https:\/\/client\.example\/callback\?code=/);
    const more = await ada.get(pathOf(await begin({ scopes: [...SCOPES, "github:more"] })));
    assert.equal(more.forms.length, 1, "more than was allowed is asked about");

    await decide(ada, await begin({ redirectUri: LOOPBACK }), "allow");
    const local = await ada.get(pathOf(await begin({ redirectUri: LOOPBACK })));
    assert.equal(local.forms.length, 1);
    assert.doesNotMatch(local.text, /Only this time/);
  });
});

Deno.test("whoever is to sign in again does so before allowing anything", async () => {
  await withConsent(async ({ ada, begin, sql }) => {
    const id = await begin({ maxAge: 60 });
    const form = (await ada.get(pathOf(id))).forms[0];
    const allow = { ...form?.fields, decision: "allow", scope: SCOPES };
    await sql`update sessions set created_at = created_at - interval '5 minutes'`;
    assert.equal((await ada.get(pathOf(id))).location, `/sign-in?interaction=${id}`);
    assert.equal((await ada.get(`/sign-in?interaction=${id}`)).status, 200);
    assert.equal((await ada.post("/consent", allow)).status, 403);
    assert.equal((await sql`select 1 from oauth_codes`).length, 0);
    const again = await ada.signIn("ada", PASSWORD, `?interaction=${id}`);
    assert.equal(again.location, pathOf(id));
    const done = await decide(ada, id, "allow");
    assert.match(done.continueTo ?? "", /code=/);
  });
});

Deno.test("a suspended user's consent counts no more", async () => {
  await withConsent(async ({ ada, begin, context, sql }) => {
    const id = await begin();
    const form = (await ada.get(pathOf(id))).forms[0];
    const [user] = await sql`select id from users where name = 'ada'`;
    await updateUser(context, ADMIN, user?.id, { status: "suspended" });
    const page = await ada.post("/consent", { ...form?.fields, decision: "allow", scope: SCOPES });
    // Its key is another one now: the form is nobody's.
    assert.equal(page.status, 403);
    assert.equal((await sql`select 1 from oauth_codes`).length, 0);
  });
});

const NASTY = `"><script>alert(1)</script><img src=x onerror=alert(1)>`;

Deno.test("what a client says of itself is text, and stands behind what is known of it", async () => {
  await withConsent(async ({ ada, begin, base }) => {
    const name = `Microsoft ${NASTY}\u202e\u200bmoc.tfosorcim`;
    const client = { ...CLIENT, id: `c_${NASTY}`, kind: "dynamic", name, uri: NASTY } as const;
    const id = await begin({
      client,
      redirectUri: LOOPBACK,
      scopes: ["github:use", NASTY],
      server: "github",
      state: NASTY,
    });
    const pages = [
      await ada.get(pathOf(id)),
      await new Browser(base).get(`/sign-in?interaction=${id}`),
    ];
    const [consent, signIn] = pages;
    const done = await decide(ada, id, "deny");
    for (const { text } of [...pages, done]) {
      assert.doesNotMatch(text, /<script>|<img|\u202e|\u200b/);
    }
    const heading = /<h1[^>]*>(.*?)<\/h1>/s.exec(consent?.text ?? "")?.[1] ?? "";
    assert.equal(heading, "Allow an unknown program to act for you?");
    assert.match(consent?.text ?? "", /A program on this computer/);
    assert.match(consent?.text ?? "", /Unknown: it registered itself/);
    assert.doesNotMatch(signIn?.text ?? "", /Microsoft/);
    assert.equal(new URL(done.continueTo ?? "").searchParams.get("state"), NASTY);
  });
});

Deno.test("no page leads to what a browser would run", async () => {
  await withConsent(async ({ ada, begin, sql }) => {
    for (
      const redirectUri of ["javascript:alert(1)//", "data:text/html,x", "JAVASCRIPT:alert(1)"]
    ) {
      const id = await begin({ redirectUri });
      const page = await decide(ada, id, "allow");
      assert.equal(page.status, 400);
      assert.doesNotMatch(page.text, /javascript:|data:text/i);
    }
    const app = await decide(ada, await begin({ redirectUri: "com.example.app:/back" }), "allow");
    assert.match(app.continueTo ?? "", /^com\.example\.app:\/back\?code=/);
    await sql`select 1`;
  });
});

Deno.test("one takes back what one allowed, and nobody else's", async () => {
  await withConsent(async (world) => {
    const { ada, begin, sql } = world;
    await decide(ada, await begin(), "allow");
    await world.user("bob", PASSWORD);
    const bob = new Browser(world.base);
    await bob.signIn("bob", PASSWORD);
    const his = (await bob.get("/account")).forms[0];
    const attack = await bob.post("/account/clients/end", { ...his?.fields, client: CLIENT.id });
    assert.equal(attack.status, 404);
    assert.equal((await sql`select 1 from oauth_consents`).length, 1);
    const account = await ada.get("/account");
    assert.match(account.text, /https:\/\/client\.example\/oauth\.json/);
    const form = account.forms.find(({ action }) => action === "/account/clients/end");
    const ended = await ada.post("/account/clients/end", form?.fields ?? {});
    assert.equal(ended.location, "/account?done=client");
    assert.equal((await ada.get(pathOf(await begin()))).forms.length, 1, "asked again");
    const rows = await sql`select user_id from audit where target = 'identity:consent_revoked'`;
    assert.equal(rows.length, 1);
  });
});

async function waitingDevice({ sql }: PagesWorld, userCode = "WDJBMJHT"): Promise<void> {
  await sql`
    insert into oauth_device_codes (device_hash, user_code, client_id, client_name, client_kind, issuer,
                                    resource, server, scopes, expires_at)
    values (${
    new TextEncoder().encode(userCode)
  }, ${userCode}, 'c', 'Television', 'registered', ${ISSUER},
            ${REQUEST.resource}, 'github', ${SCOPES}, clock_timestamp() + interval '10 minutes')`;
}

Deno.test("a device is connected by its code, after sign-in, by a decision of its own", async () => {
  await withConsent(async (world) => {
    const { base, sql } = world;
    await waitingDevice(world);
    const browser = new Browser(base);
    const first = await browser.get("/device?user_code=wdjb-mjht");
    assert.equal(first.location, "/sign-in?to=device&user_code=WDJB-MJHT");
    const signedIn = await browser.submit(
      first.location ?? "",
      { login: "ada", password: PASSWORD },
      "/sign-in",
    );
    assert.equal(signedIn.location, "/device?user_code=WDJB-MJHT");
    const wrong = await browser.submit("/device", { user_code: "XXXX-XXXX" });
    assert.equal(wrong.status, 404);
    assert.match(wrong.text, /No device waits/);
    const found = await browser.submit(signedIn.location ?? "", { user_code: "wdjb mjht" });
    assert.match(found.location ?? "", /^\/consent\?interaction=/);
    const page = await browser.get(found.location ?? "");
    assert.match(page.text, /Your device has to show this code/);
    assert.match(page.text, /Television/);
    const [waiting] = await sql`select state from oauth_device_codes`;
    assert.equal(waiting?.state, "waiting", "looking decides nothing");
    const form = page.forms[0];
    const done = await browser.post("/consent", {
      ...form?.fields,
      decision: "allow",
      scope: SCOPES,
    });
    assert.equal(done.location, "/device?done=allowed");
    assert.match((await browser.get("/device?done=allowed")).text, /Go back to your device/);
    const [device] = await sql`select state from oauth_device_codes`;
    assert.equal(device?.state, "allowed");
  });
});

Deno.test("codes of devices are not guessed", async () => {
  await withConsent(async ({ ada }) => {
    const form = (await ada.get("/device")).forms[0];
    const statuses: number[] = [];
    for (let i = 0; i < 61; i++) {
      const fields = { ...form?.fields, user_code: `AAAA-${i}` };
      statuses.push((await ada.post("/device", fields)).status);
    }
    assert.deepEqual([statuses[0], statuses[59], statuses[60]], [404, 404, 429]);
  });
});

Deno.test("a new password signs the other browsers out of what waits for them", async () => {
  await withConsent(async ({ ada, begin, context, hasher, sql }) => {
    const id = await begin();
    const form = (await ada.get(pathOf(id))).forms[0];
    const [user] = await sql`select * from users where name = 'ada'`;
    await setPassword(context, ADMIN, hasher, user as never, "another lamp in orbit");
    const page = await ada.post("/consent", { ...form?.fields, decision: "allow", scope: SCOPES });
    assert.equal(page.status, 403);
    assert.equal((await ada.get(pathOf(id))).location, `/sign-in?interaction=${id}`);
  });
});
