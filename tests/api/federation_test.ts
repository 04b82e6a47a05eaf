import assert from "node:assert/strict";
import { createDepartment, updateUser } from "../../src/identity/mod.ts";
import { ADMIN } from "../store/identity_world.ts";
import {
  type IdentityProvider,
  signInAt,
  startIdentityProvider,
} from "../support/identity_provider.ts";
import { Browser } from "./browser.ts";
import {
  CLIENT_SECRET,
  type FederationWorld,
  noticeOf,
  withFederation,
} from "./federation_world.ts";

/** Signing in at npm's `oidc-provider`: the library that a good part of the world's providers run on. */

const PASSWORD = "lamp orbit velvet";
const VERIFIED = { email_verified: true };

interface World extends FederationWorld {
  readonly idp: IdentityProvider;
  /** Signs in at the provider and comes back. */
  visit(browser: Browser, who: string, query?: string): ReturnType<Browser["get"]>;
}

async function withProvider(
  terms: Readonly<Record<string, unknown>>,
  work: (world: World) => Promise<void>,
): Promise<void> {
  await withFederation(async (world) => {
    const idp = await startIdentityProvider({
      redirectUris: [world.callback()],
      clientSecret: CLIENT_SECRET,
      people: {
        "ada@idp": {
          email: "ada@example.com",
          ...VERIFIED,
          name: "Ada L.",
          preferred_username: "ada",
        },
        "eve@idp": { email: "eve@evil.example", ...VERIFIED },
      },
    });
    world.configure({ issuer: idp.issuer, ...terms });
    try {
      await work({
        ...world,
        idp,
        async visit(browser, who, query = "") {
          const back = await signInAt(idp.issuer, await world.begin(browser, "corp", query), who);
          return await browser.get(back.href);
        },
      });
    } finally {
      await idp.stop();
    }
  });
}

Deno.test("somebody unknown becomes a user, once, and is the same user ever after", async () => {
  await withProvider({ create: true, department: "research" }, async (world) => {
    const browser = new Browser(world.base);
    assert.equal((await world.visit(browser, "ada@idp")).status, 403, "no such department");
    assert.match(world.said.at(-1) ?? "", /There is no department/);
    await createDepartment(world.context, ADMIN, { name: "research" });
    const back = await world.visit(browser, "ada@idp");
    assert.deepEqual([back.status, back.location], [303, "/account"]);
    const account = await browser.get("/account");
    assert.match(account.text, /ada@example\.com · user/);
    assert.match(account.text, /by federation/);
    assert.match(account.text, /Example Corp/);
    // Another browser, another email there: the same account is the same user.
    world.idp.people["ada@idp"] = { email: "ada.lovelace@example.com", ...VERIFIED };
    assert.equal((await world.visit(new Browser(world.base), "ada@idp")).location, "/account");
    const users = await world.sql`
      select name, email, full_name, roles, department from users where name <> 'operator'`;
    assert.deepEqual(users.map((user) => ({ ...user })), [{
      ...{ name: "ada", email: "ada@example.com", fullName: "Ada L." },
      ...{ roles: ["user"], department: "research" },
    }]);
    const targets = (await world.rows()).map(({ target }) => target.slice("identity:".length));
    assert.deepEqual(targets.filter((name) => /^(user|account|signed)_/.test(name)), [
      ...["user_created", "account_linked", "signed_in", "signed_in"],
    ]);
    const [linked] = await world.rows("account_linked");
    assert.equal(linked?.detail.issuer, world.idp.issuer);
    assert.equal(linked?.detail.subject, "ada@idp");
  });
});

Deno.test("who is unknown stays out unless the configuration says otherwise", async () => {
  await withProvider({}, async (world) => {
    const browser = new Browser(world.base);
    await world.user("ada");
    const back = await world.visit(browser, "ada@idp");
    assert.equal(back.status, 403);
    assert.match(noticeOf(back), /connected to nobody here/);
    assert.equal(browser.cookies.has("spgov_session"), false);
    const [row] = await world.rows("sign_in_failed");
    assert.deepEqual([row?.decision, row?.detail.method, row?.detail.rule], [
      ...["deny", "federation", "unknown_account"],
    ]);
    assert.deepEqual((await world.sql`select * from federated_accounts`).length, 0);
  });
});

Deno.test("the email connects an account only where it is verified, of a domain named, and no administrator's", async () => {
  const terms = { link_by_email: true, create: true, email_domains: ["example.com"] };
  await withProvider(terms, async (world) => {
    const { idp } = world;
    const ada = await world.user("ada");
    const root = await world.user("root");
    await updateUser(world.context, ADMIN, root.id, { roles: ["admin", "user"] });
    Object.assign(idp.people, {
      unverified: { email: "ada@example.com", email_verified: false },
      silent: { email: "ada@example.com" },
      text: { email: "ada@example.com", email_verified: "true" },
      nobody: {},
      // K, the Kelvin sign, becomes k in lower case.
      kelvin: { email: "ada@\u212Aexample.com", ...VERIFIED },
      two: { email: "x@example.com@evil.example", ...VERIFIED },
      sub: { email: "ada@sub.example.com", ...VERIFIED },
      admin: { email: "ROOT@example.com", ...VERIFIED },
      shouting: { email: "ADA@EXAMPLE.COM", ...VERIFIED },
    });
    const rules: Record<string, string> = {};
    for (
      const who of [
        "unverified",
        "silent",
        "text",
        "nobody",
        "kelvin",
        "two",
        "sub",
        "eve@idp",
        "admin",
      ]
    ) {
      const browser = new Browser(world.base);
      const page = await world.visit(browser, who);
      assert.equal(page.status, 403, who);
      assert.equal(browser.cookies.has("spgov_session"), false, who);
      rules[who] = (await world.rows("sign_in_failed")).at(-1)?.detail.rule;
    }
    assert.deepEqual(rules, {
      ...{ unverified: "email_unverified", silent: "email_unverified", text: "email_unverified" },
      ...{ nobody: "unknown_account", kelvin: "unknown_account", two: "unknown_account" },
      ...{ sub: "unknown_account", "eve@idp": "unknown_account", admin: "email_taken" },
    });
    assert.equal((await world.visit(new Browser(world.base), "shouting")).location, "/account");
    const [account] = await world.sql`select * from federated_accounts`;
    assert.equal(account?.userId, ada.id);
  });
});

Deno.test("a signed-in person connects an account and takes it away again", async () => {
  await withProvider({}, async (world) => {
    const ada = await world.user("ada", PASSWORD);
    const browser = new Browser(world.base);
    await browser.signIn("ada", PASSWORD);
    const sent = await browser.submit("/account", {}, "/account/providers");
    const back = await signInAt(world.idp.issuer, sent.continueTo ?? "", "eve@idp");
    const session = browser.cookies.get("spgov_session");
    assert.equal((await browser.get(back.href)).location, "/account?done=connected");
    assert.equal(browser.cookies.get("spgov_session"), session, "nobody else is signed in by it");
    assert.match((await browser.get("/account")).text, /eve@evil\.example/);
    const other = new Browser(world.base);
    await world.visit(other, "eve@idp");
    assert.match((await other.get("/account")).text, /ada@example\.com/);
    // What somebody has, nobody else gets.
    await world.user("bob", PASSWORD);
    const bob = new Browser(world.base);
    await bob.signIn("bob", PASSWORD);
    const attempt = await bob.submit("/account", {}, "/account/providers");
    const taken = await bob.get(
      (await signInAt(world.idp.issuer, attempt.continueTo ?? "", "eve@idp")).href,
    );
    assert.match(noticeOf(taken), /connected to somebody else/);
    const [owner] = await world.sql`select user_id from federated_accounts`;
    assert.equal(owner?.userId, ada.id);
    // Not another's either.
    const [account] = await world.sql`select issuer, subject from federated_accounts`;
    const stolen = await bob.submit("/account", {}, "/account/providers").then(() =>
      bob.get("/account")
    );
    const token = stolen.forms[0]?.fields["form_token"] ?? "";
    const fields = { form_token: token, issuer: account?.issuer, subject: account?.subject };
    assert.equal((await bob.post("/account/providers/remove", fields)).status, 404);
    const gone = await browser.submit("/account", {}, "/account/providers/remove");
    assert.equal(gone.location, "/account?done=disconnected");
    assert.equal((await world.visit(new Browser(world.base), "eve@idp")).status, 403);
    assert.equal((await world.rows("account_unlinked")).length, 1);
  });
});

Deno.test("suspended, banned and deleted users are not let in by a provider", async () => {
  await withProvider({ create: true }, async (world) => {
    await world.visit(new Browser(world.base), "ada@idp");
    const [ada] = await world.sql<{ id: string }[]>`select id from users where name = 'ada'`;
    await updateUser(world.context, ADMIN, ada?.id ?? "", { status: "suspended" });
    const page = await world.visit(new Browser(world.base), "ada@idp");
    assert.equal(page.status, 403);
    assert.match(noticeOf(page), /not let in/);
    assert.equal((await world.rows("sign_in_failed")).at(-1)?.detail.rule, "not_let_in");
    await world.sql`update users set status = 'deleted'`;
    // A deleted user's account is free: whoever has it begins anew.
    assert.equal((await world.visit(new Browser(world.base), "ada@idp")).location, "/account");
    const [row] = await world.sql`select count(*)::int as n from users where status = 'active'`;
    assert.equal(row?.n, 1);
  });
});

Deno.test("whoever has to prove it anew is asked anew, whatever the provider remembers", async () => {
  await withProvider({ create: true }, async (world) => {
    const browser = new Browser(world.base);
    const there = new Browser(world.idp.issuer);
    const first = await signInAt(world.idp.issuer, await world.begin(browser), "ada@idp", there);
    assert.equal((await browser.get(first.href)).location, "/account");
    const again = new URL(await world.begin(browser, "corp", "?again=1"));
    assert.equal(again.searchParams.get("prompt"), "login");
    assert.equal(again.searchParams.get("max_age"), "0");
    const session = browser.cookies.get("spgov_session");
    const back = await signInAt(world.idp.issuer, again.href, "ada@idp", there);
    assert.equal((await browser.get(back.href)).location, "/account");
    assert.notEqual(browser.cookies.get("spgov_session"), session);
  });
});

Deno.test("the person or the provider says no; the provider is away; its secret is missing or wrong", async () => {
  await withProvider({ create: true }, async (world) => {
    const browser = new Browser(world.base);
    const url = new URL(await world.begin(browser));
    const state = url.searchParams.get("state") ?? "";
    const iss = encodeURIComponent(world.idp.issuer);
    const refused = await browser.get(
      `/sign-in/with/corp?error=access_denied&error_description=%3Cb%3E&state=${state}&iss=${iss}`,
    );
    assert.equal(refused.status, 403);
    assert.equal(noticeOf(refused), "Example Corp did not sign you in.");
    assert.ok(!refused.text.includes("<b>"));

    world.configure({ issuer: world.idp.issuer, client_secret: "OTHER" });
    const missing = await world.visit(new Browser(world.base), "ada@idp");
    assert.equal(missing.status, 403);
    assert.match(world.said.at(-1) ?? "", /cloud secrets set OTHER --server idp\.corp/);

    world.configure({ issuer: world.idp.issuer, client_id: "another" });
    const foreign = await browser.submit("/sign-in", {}, "/sign-in/with/corp");
    assert.equal(foreign.status, 200);

    world.configure({ issuer: "http://127.0.0.1:1" });
    const away = await browser.submit("/sign-in", {}, "/sign-in/with/corp");
    assert.equal(away.status, 503);
    assert.match(noticeOf(away), /does not work at this moment/);
    assert.ok(!world.said.some((line) => line.includes(CLIENT_SECRET)));
  });
});

Deno.test("a public client and one that sends its secret in the form", async () => {
  for (const clientAuth of ["none", "client_secret_post"] as const) {
    await withFederation(async (world) => {
      const secret = clientAuth === "none" ? undefined : CLIENT_SECRET;
      const idp = await startIdentityProvider({
        ...{ redirectUris: [world.callback()], clientSecret: secret, clientAuth },
        people: { ada: { email: "ada@example.com", ...VERIFIED } },
      });
      const how = secret === undefined ? { client_secret: undefined } : { client_auth: "post" };
      world.configure({ issuer: idp.issuer, create: true, ...how });
      try {
        const browser = new Browser(world.base);
        const back = await signInAt(idp.issuer, await world.begin(browser), "ada");
        assert.equal((await browser.get(back.href)).location, "/account", clientAuth);
      } finally {
        await idp.stop();
      }
    });
  }
});
