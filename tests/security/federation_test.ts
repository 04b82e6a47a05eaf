import assert from "node:assert/strict";
import { Browser } from "../api/browser.ts";
import {
  CLIENT_SECRET,
  type FederationWorld,
  noticeOf,
  withFederation,
} from "../api/federation_world.ts";
import {
  type Forgery,
  type ForgingProvider,
  startForgingProvider,
} from "../support/forging_provider.ts";

/** What a hostile provider, a hostile browser or somebody between them may try at a federated sign-in. */

interface World extends FederationWorld {
  readonly idp: ForgingProvider;
}

async function withForger(
  work: (world: World) => Promise<void>,
  terms: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await withFederation(async (world) => {
    const idp = await startForgingProvider();
    world.configure({ issuer: idp.issuer, create: true, ...terms });
    try {
      await work({ ...world, idp });
    } finally {
      await idp.stop();
    }
  });
}

/** Nobody was signed in, nobody was made, nothing leads anywhere else. */
async function assertNobody({ sql }: World, browser: Browser, what: string): Promise<void> {
  assert.equal(browser.cookies.has("spgov_session"), false, what);
  const [{ n } = { n: -1 }] = await sql<{ n: number }[]>`
    select (select count(*) from users)::int + (select count(*) from federated_accounts)::int
         + (select count(*) from sessions)::int as n`;
  assert.equal(n, 0, what);
}

const now = (): number => Math.floor(Date.now() / 1000);

const FORGERIES: Readonly<Record<string, Forgery>> = {
  "a signature of another key": { signedBy: "another" },
  "no signature": { signedBy: "none" },
  "a signature by the shared secret": { signedBy: "secret", secret: CLIENT_SECRET },
  "another nonce": { claims: { nonce: "n".repeat(43) } },
  "no nonce": { claims: { nonce: undefined } },
  "another audience": { claims: { aud: "another" } },
  "no audience": { claims: { aud: undefined } },
  "two audiences, made for the other": { claims: { aud: ["spgov", "another"], azp: "another" } },
  "another issuer": { claims: { iss: "http://127.0.0.1:1" } },
  "expired": { claims: { exp: now() - 3600, iat: now() - 7200 } },
  "without an end": { claims: { exp: undefined } },
  "not valid yet": { claims: { nbf: now() + 3600 } },
  "without a subject": { claims: { sub: undefined } },
  "an empty subject": { claims: { sub: "" } },
  "a subject of many lines": { claims: { sub: "ada\n" } },
  "a subject without end": { claims: { sub: "a".repeat(256) } },
  "a subject that is no text": { claims: { sub: { $ne: "" } } },
  "no ID token": { idToken: "" },
  "an ID token that is none": { idToken: "a.b.c" },
  "an ID token that is no text": { idToken: { alg: "none" } },
  "userinfo about somebody else": { claims: { email: undefined } },
  "an answer of more than we read": {
    answers: { "/token": () => new Response("x".repeat(300_000)) },
  },
  "an answer that is no JSON": { answers: { "/token": () => new Response("<html>") } },
  "an error with a token": {
    answers: { "/token": () => Response.json({ error: "invalid_grant" }, { status: 400 }) },
  },
  "a redirect": {
    answers: { "/token": () => Response.redirect("http://127.0.0.1:1/token") },
  },
  "no keys": { answers: { "/jwks": () => Response.json({ keys: [] }) } },
  "keys that are a list of nothing": { answers: { "/jwks": () => Response.json([null]) } },
};

Deno.test("a forged answer signs nobody in, and says little", async () => {
  await withForger(async (world) => {
    for (const [what, forgery] of Object.entries(FORGERIES)) {
      const browser = new Browser(world.base);
      world.idp.forgery = forgery;
      // Another configuration: nothing of what was fetched before counts.
      world.configure({ issuer: world.idp.issuer, create: true, title: what });
      const page = await browser.get(world.idp.answer(await world.begin(browser)).href);
      assert.equal(page.status, 403, what);
      assert.equal(page.location, null, what);
      assert.match(noticeOf(page), /was not accepted|does not work at this moment/, what);
      await assertNobody(world, browser, what);
    }
    const rows = await world.rows("sign_in_failed");
    assert.equal(rows.length, Object.keys(FORGERIES).length);
    assert.ok(
      rows.every(({ detail }) => /^(wrong_response|provider_unreachable)$/.test(detail.rule)),
    );
    assert.ok(!JSON.stringify([rows, world.said]).includes(CLIENT_SECRET));
    // What is right is accepted still.
    world.idp.forgery = {};
    const browser = new Browser(world.base);
    const page = await browser.get(world.idp.answer(await world.begin(browser)).href);
    assert.equal(page.location, "/account");
  });
});

Deno.test("an answer is good once, soon, for the browser and the provider that it was begun with", async () => {
  await withForger(async (world) => {
    const { idp } = world;
    const evil = await startForgingProvider();
    try {
      world.configure(
        { issuer: idp.issuer, create: true },
        {
          name: "evil",
          title: "Evil",
          issuer: evil.issuer,
          create: true,
          client_secret: undefined,
        },
      );
      const browser = new Browser(world.base);
      const refuse = async (url: string, what: string, who = browser) => {
        const before = idp.redeemed.length;
        const page = await who.get(url);
        assert.ok([403, 404, 303].includes(page.status), `${what}: ${page.status}`);
        if (page.status === 303) assert.equal(page.location, "/sign-in", what);
        assert.equal(idp.redeemed.length, before, `${what}: the code was sent on`);
        await assertNobody(world, who, what);
      };
      const begun = await world.begin(browser);
      const back = idp.answer(begun);
      await refuse(back.href, "another browser", new Browser(world.base));
      const state = back.searchParams.get("state") ?? "";
      // Mix-up: the code of one provider at the other's address, or in the other's name.
      const other = new URL(back.href.replace("/with/corp", "/with/evil"));
      await refuse(other.href, "the address of another provider");
      assert.equal(evil.redeemed.length, 0, "the code went to another provider");
      for (
        const query of [
          ...["", "?code=x", "?state=", "?state=x&code=x", `?state=${"A".repeat(43)}&code=x`],
          ...[`?state=${state}&state=${state}&code=x`, `?state=${state}%00&code=x`],
        ]
      ) await refuse(`/sign-in/with/corp${query}`, query);
      for (
        const name of ["none", "../corp", "%2e%2e/corp", "corp%2F..%2Fevil", "CORP", "__proto__"]
      ) await refuse(`/sign-in/with/${name}?state=${state}&code=x`, name);
      // It is good still, for whoever began it; then it is not.
      assert.equal((await browser.get(back.href)).location, "/account");
      const session = browser.cookies.get("spgov_session");
      await world.sql`update sessions set revoked_at = now()`;
      const replay = await browser.get(back.href);
      assert.equal(replay.status, 403);
      assert.equal(idp.redeemed.length, 1);
      assert.equal(browser.cookies.get("spgov_session"), session);

      const wrongIssuer = new Browser(world.base);
      const mixed = idp.answer(await world.begin(wrongIssuer), { iss: evil.issuer });
      assert.equal((await wrongIssuer.get(mixed.href)).status, 403);
      const missing = idp.answer(await world.begin(wrongIssuer), { iss: "" });
      assert.equal((await wrongIssuer.get(missing.href)).status, 403);
      const late = idp.answer(await world.begin(wrongIssuer));
      await world.sql`update federated_sign_ins set expires_at = now() - interval '1 second'`;
      assert.equal((await wrongIssuer.get(late.href)).status, 403);
      assert.equal(idp.redeemed.length, 1);
      assert.equal(wrongIssuer.cookies.has("spgov_session"), false);
    } finally {
      await evil.stop();
    }
  });
});

Deno.test("each answer is redeemed with the verifier of its own beginning, as what it was begun for", async () => {
  await withForger(async (world) => {
    const browser = new Browser(world.base);
    const urls = [new URL(await world.begin(browser)), new URL(await world.begin(browser))];
    const values = (name: string) => urls.map((url) => url.searchParams.get(name));
    for (const name of ["state", "nonce", "code_challenge"]) {
      assert.notEqual(values(name)[0], values(name)[1], name);
      assert.ok((values(name)[0] ?? "").length >= 43);
    }
    assert.deepEqual(values("code_challenge_method"), ["S256", "S256"]);
    assert.deepEqual(values("redirect_uri"), [world.callback(), world.callback()]);
    await browser.get(world.idp.answer(urls[1]?.href ?? "").href);
    const [form] = world.idp.redeemed;
    const digest = await crypto.subtle.digest(
      "SHA-256",
      new TextEncoder().encode(form?.get("code_verifier") ?? ""),
    );
    assert.equal(
      new Uint8Array(digest).toBase64({ alphabet: "base64url", omitPadding: true }),
      values("code_challenge")[1],
    );
    assert.equal(form?.get("redirect_uri"), world.callback());
  });
});

Deno.test("a provider's description sends nobody elsewhere, and egress to no host but the configured ones", async () => {
  const descriptions: readonly Readonly<Record<string, unknown>>[] = [
    { issuer: "http://127.0.0.1:1" },
    { authorization_endpoint: "javascript:alert(1)" },
    { authorization_endpoint: "data:text/html,x" },
    { authorization_endpoint: undefined },
  ];
  for (const metadata of descriptions) {
    await withForger(async (world) => {
      world.idp.forgery = { metadata };
      const browser = new Browser(world.base);
      const page = await browser.submit("/sign-in", {}, "/sign-in/with/corp");
      assert.equal(page.status, 503, JSON.stringify(metadata));
      assert.equal(page.continueTo, undefined);
    });
  }
  for (const name of ["token_endpoint", "jwks_uri", "userinfo_endpoint"]) {
    await withForger(async (world) => {
      let asked = 0;
      const inside = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
        asked++;
        return Response.json({});
      });
      try {
        world.idp.forgery = {
          metadata: { [name]: `http://127.0.0.1:${inside.addr.port}/x` },
          claims: { email: undefined },
        };
        const browser = new Browser(world.base);
        const page = await browser.get(world.idp.answer(await world.begin(browser)).href);
        assert.equal(page.status, 403);
        assert.equal(asked, 0, name);
        assert.match(world.said.at(-1) ?? "", /hosts\\" in services\/identity/);
        await assertNobody(world, browser, name);
      } finally {
        await inside.shutdown();
      }
    });
  }
});

Deno.test("where it leads is one of our pages, whatever was sent along", async () => {
  await withForger(async (world) => {
    for (
      const fields of [
        { to: "https://evil.example/" },
        { to: "//evil.example" },
        { interaction: "//evil.example" },
        { to: "device", user_code: "https://evil.example/" },
        { to: "passkeys", redirect_uri: "https://evil.example" },
      ]
    ) {
      const browser = new Browser(world.base);
      const sent = await browser.submit("/sign-in", fields, "/sign-in/with/corp");
      const back = await browser.get(world.idp.answer(sent.continueTo ?? "").href);
      assert.equal(back.status, 303);
      assert.match(back.location ?? "", /^\/(account|device\?user_code=[A-Z0-9-]*)/);
      assert.ok(!back.location?.includes("evil.example"), back.location ?? "");
    }
    const browser = new Browser(world.base);
    const page = await browser.get("/sign-in");
    const form = page.forms.find(({ action }) => action === "/sign-in/with/corp");
    const foreign = await browser.post("/sign-in/with/corp", form?.fields ?? {}, {
      origin: "https://evil.example",
    });
    assert.equal(foreign.status, 403);
    const unproven = await browser.post("/sign-in/with/corp", { form_token: "x" });
    assert.equal(unproven.status, 403);
    const host = await browser.fetch("/sign-in", { headers: { host: "evil.example" } });
    assert.ok(!host.text.includes("evil.example"));
  });
});

Deno.test("a proof from before does not count where one was asked for anew; claims that are required are", async () => {
  await withForger(async (world) => {
    const browser = new Browser(world.base);
    await browser.get(world.idp.answer(await world.begin(browser)).href);
    for (const auth_time of [now() - 3600, undefined]) {
      world.idp.forgery = { claims: { auth_time } };
      const again = await world.begin(browser, "corp", "?again=1");
      const session = browser.cookies.get("spgov_session");
      const page = await browser.get(world.idp.answer(again).href);
      assert.equal(page.status, 403);
      assert.equal(browser.cookies.get("spgov_session"), session);
    }
    const rules = (await world.rows("sign_in_failed")).map(({ detail }) => detail.rule);
    assert.deepEqual(new Set(rules), new Set(["stale_proof"]));
  });
  await withForger(async (world) => {
    for (const hd of [undefined, "evil.example", ["example.com"]]) {
      const browser = new Browser(world.base);
      world.idp.forgery = { claims: { hd } };
      assert.equal(
        (await browser.get(world.idp.answer(await world.begin(browser)).href)).status,
        403,
      );
      await assertNobody(world, browser, `${hd}`);
    }
    world.idp.forgery = { claims: { hd: "example.com" } };
    const browser = new Browser(world.base);
    const page = await browser.get(world.idp.answer(await world.begin(browser)).href);
    assert.equal(page.location, "/account");
  }, { required_claims: { hd: "example.com" } });
});

Deno.test("two that come back at once with one account are one user", async () => {
  await withForger(async (world) => {
    const browsers = Array.from({ length: 8 }, () => new Browser(world.base));
    const urls = await Promise.all(browsers.map((browser) => world.begin(browser)));
    await Promise.all(
      browsers.map((browser, at) => browser.get(world.idp.answer(urls[at] ?? "").href)),
    );
    const [row] = await world.sql`
      select (select count(*) from users)::int as users,
             (select count(*) from federated_accounts)::int as accounts`;
    assert.deepEqual({ ...row }, { users: 1, accounts: 1 });
  });
});

Deno.test("what a gateway may not do to sign-ins and accounts, the database refuses it", async () => {
  await withForger(async ({ serve, user }) => {
    const ada = await user("ada");
    const forbidden = [
      () => serve`select * from federated_sign_ins`,
      () =>
        serve`insert into federated_accounts (issuer, subject, user_id, provider)
                  values ('i', 's', ${ada.id}, 'corp')`,
      () => serve`update federated_accounts set user_id = ${ada.id}`,
      () => serve`insert into users (id, email, name, roles) values ('x', 'x@y.z', 'x', '{admin}')`,
    ];
    for (const attempt of forbidden) await assert.rejects(attempt, /permission denied/);
  });
});
