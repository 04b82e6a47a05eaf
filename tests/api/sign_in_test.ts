import assert from "node:assert/strict";
import {
  createSignInLink,
  endSessions,
  openBrowserSession,
  updateUser,
} from "../../src/identity/mod.ts";
import { type PageDependencies, pageRoutes } from "../../src/ui/mod.ts";
import { ADMIN, BROWSER } from "../store/identity_world.ts";
import { Authenticator } from "../support/authenticator.ts";
import { Browser } from "./browser.ts";
import { type PagesWorld, withPages } from "./pages_world.ts";

const PASSWORD = "lamp orbit velvet";
const OTHER_PASSWORD = "another lamp in orbit";

Deno.test("somebody signs in by password, sees the account and signs out, without a script", async () => {
  await withPages(async (world) => {
    await world.user("ada", PASSWORD);
    const browser = new Browser(world.base);
    const first = await browser.get("/account");
    assert.deepEqual([first.status, first.location], [303, "/sign-in"]);
    const signedIn = await browser.signIn("ada@example.com", PASSWORD);
    assert.deepEqual([signedIn.status, signedIn.location], [303, "/account"]);
    const account = await browser.get("/account");
    assert.equal(account.status, 200);
    assert.match(account.text, /ada@example\.com/);
    assert.match(account.text, /this browser/);
    assert.equal((await browser.get("/sign-in")).location, "/account");
    const out = await browser.submit("/sign-out", {});
    assert.equal(out.location, "/sign-in?out=1");
    assert.match((await browser.get("/sign-in?out=1")).text, /You are signed out/);
    assert.equal(browser.cookies.has("spgov_session"), false);
    assert.equal((await browser.get("/account")).status, 303);
  });
});

Deno.test("whoever fails is told the same, whatever was wrong", async () => {
  await withPages(async (world) => {
    await world.user("ada", PASSWORD);
    await world.user("bob");
    const eve = await world.user("eve", PASSWORD);
    await updateUser(world.context, ADMIN, eve.id, { status: "suspended" });
    const texts = new Set<string>();
    for (
      const [login, password] of [["ada", "wrong"], ["bob", "x"], ["none", "x"], ["eve", PASSWORD]]
    ) {
      const page = await new Browser(world.base).signIn(login ?? "", password ?? "");
      assert.equal(page.status, 403);
      assert.ok(!page.headers.getSetCookie().some((line) => line.startsWith("spgov_session")));
      texts.add(/<p class="notice bad"[^>]*>([^<]*)/.exec(page.text)?.[1] ?? "");
    }
    assert.deepEqual([...texts], ["That email, name or password is not right."]);
  });
});

Deno.test("who guesses is told to wait", async () => {
  await withPages(async (world) => {
    await world.user("ada", PASSWORD);
    const browser = new Browser(world.base);
    for (let i = 0; i < 6; i++) {
      assert.equal((await browser.signIn("ada", `wrong ${i}`)).status, 403);
    }
    const held = await browser.signIn("ada", PASSWORD);
    assert.equal(held.status, 429);
    assert.ok(Number(held.headers.get("retry-after")) >= 1);
    assert.match(held.text, /Too many attempts. Try again in/);
  });
});

/** Every form that the pages have, with fields that would do something. */
async function listPosts(
  world: PagesWorld,
): Promise<readonly (readonly [string, Record<string, string>])[]> {
  const [ada] = await world.sql`select id from users where name = 'ada'`;
  const user = { ...await world.user(`x${Math.random()}`.replace(".", "")), id: ada?.id };
  const { token } = await createSignInLink(world.context, ADMIN, user);
  const [session] = await world.sql`select session_id from browser_sessions limit 1`;
  return [
    ["/sign-in", { login: "ada", password: PASSWORD }],
    ["/sign-in/passkey/options", {}],
    ["/sign-in/passkey", { answer: "{}" }],
    ["/sign-in/link", { token }],
    ["/sign-in/with/corp", {}],
    ["/account/providers", { provider: "corp" }],
    ["/account/providers/remove", { issuer: "i", subject: "s" }],
    ["/sign-out", {}],
    ["/consent", { interaction: "i".repeat(43), decision: "allow" }],
    ["/device", { user_code: "WDJB-MJHT" }],
    ["/account/sessions/end", { session: session?.sessionId ?? "" }],
    ["/account/clients/end", { client: "c" }],
    ["/account/password", { current: PASSWORD, password: OTHER_PASSWORD, again: OTHER_PASSWORD }],
    ["/account/passkeys/options", {}],
    ["/account/passkeys", { answer: "{}", name: "x" }],
    ["/account/passkeys/remove", { passkey: "x" }],
  ];
}

/** Everything that a page could change. */
async function stateOf({ sql }: PagesWorld): Promise<string> {
  const [row] = await sql`
    select (select string_agg(t::text, ' ' order by t::text) from sessions t) ||
           (select string_agg((t.session_id, t.method)::text, ' ' order by t::text) from browser_sessions t) ||
           coalesce((select string_agg(t::text, ' ') from passwords t), '') ||
           coalesce((select string_agg(t::text, ' ') from passkeys t), '') ||
           coalesce((select string_agg(t::text, ' ') from passkey_challenges t), '') ||
           coalesce((select string_agg(t::text, ' ') from sign_in_links t), '') ||
           (select count(*) from audit) as state`;
  return row?.state;
}

Deno.test("no form of another site, port, browser or time does anything", async () => {
  await withPages(async (world) => {
    await world.user("ada", PASSWORD);
    await world.user("mallory", OTHER_PASSWORD);
    const browser = new Browser(world.base);
    await browser.signIn("ada", PASSWORD);
    const token = (await browser.get("/sign-out")).forms[0]?.fields.form_token ?? "";
    assert.match(token, /^[\w-]{43}$/);
    const mallory = new Browser(world.base);
    const beforeSignIn = (await mallory.get("/sign-in")).forms[0]?.fields.form_token ?? "";
    await mallory.signIn("mallory", OTHER_PASSWORD);
    const foreign = (await mallory.get("/sign-out")).forms[0]?.fields.form_token ?? "";
    const posts = await listPosts(world);
    const known = pageRoutes({} as PageDependencies).filter(({ method }) => method === "POST");
    const routes = posts.map(([path]) => path.replace("/with/corp", "/with/:provider"));
    assert.deepEqual(routes.sort(), known.map(({ path }) => path).sort());
    const before = await stateOf(world);
    const type = "application/x-www-form-urlencoded";
    for (const [path, fields] of posts) {
      const own = { ...fields, form_token: token };
      const attacks = {
        "no token": await browser.post(path, fields),
        "an empty token": await browser.post(path, { ...fields, form_token: "" }),
        "another browser's token": await browser.post(path, { ...fields, form_token: foreign }),
        "a token of before": await browser.post(path, { ...fields, form_token: beforeSignIn }),
        "a token twice": await browser.post(path, { ...fields, form_token: [token, token] }),
        "another site": await browser.post(path, own, { origin: "https://evil.example" }),
        "another port": await browser.post(path, own, { origin: "http://127.0.0.1:1" }),
        "another name": await browser.post(path, own, { origin: `http://localhost:${world.port}` }),
        "no origin": await browser.post(path, own, { origin: "null" }),
        "a script's type": await browser.post(path, own, { "content-type": "text/plain" }),
        "no browser": await browser.fetch(path, {
          method: "POST",
          headers: { "content-type": type },
          body: new URLSearchParams(own).toString(),
        }),
        "same site, other origin": await browser.fetch(path, {
          method: "POST",
          headers: { "content-type": type, "sec-fetch-site": "same-site" },
          body: new URLSearchParams(own).toString(),
        }),
        "without cookies": await new Browser(world.base).post(path, own),
      };
      for (const [name, page] of Object.entries(attacks)) {
        assert.equal(page.status, 403, `${path}: ${name}`);
        assert.equal(page.location, null, `${path}: ${name}`);
      }
    }
    assert.equal(await stateOf(world), before);
    assert.equal((await browser.get("/account")).status, 200);
  });
});

const GETS = [
  ...["/sign-in", "/sign-in?again=1&to=passkeys", "/sign-in/link?token=x", "/sign-out", "/consent"],
  ...["/consent?interaction=x", "/device", "/device?user_code=AB", "/device?done=allowed"],
  ...["/account", "/account/passkeys"],
];

Deno.test("looking changes nothing, and no page can be framed, cached or given a script", async () => {
  await withPages(async (world) => {
    const ada = await world.user("ada", PASSWORD);
    const browser = new Browser(world.base);
    await browser.signIn("ada", PASSWORD);
    const { token } = await createSignInLink(world.context, ADMIN, ada);
    const before = await stateOf(world);
    for (const who of [browser, new Browser(world.base)]) {
      for (const path of [...GETS, `/sign-in/link?token=${token}`]) {
        const { headers, text, status } = await who.get(path);
        const policy = headers.get("content-security-policy") ?? "";
        for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'"]) {
          assert.ok(policy.includes(part), `${path}: ${policy}`);
        }
        assert.match(policy, /frame-ancestors 'none'/);
        assert.match(policy, /form-action 'self'/);
        assert.match(policy, /base-uri 'none'/);
        assert.doesNotMatch(policy, /unsafe|http|\*/);
        assert.equal(headers.get("x-frame-options"), "DENY", path);
        assert.equal(headers.get("cache-control"), "no-store", path);
        assert.equal(headers.get("x-content-type-options"), "nosniff", path);
        assert.equal(headers.get("referrer-policy"), "same-origin", path);
        // Nothing in the page needs more than the policy gives.
        assert.doesNotMatch(
          text,
          /<script(?! type="module" src="\/assets\/)|<style| style=| on[a-z]+=/,
        );
        assert.ok(status < 500, path);
      }
    }
    assert.equal(await stateOf(world), before);
  });
});

Deno.test("a session that somebody planted is not the one that signing in opens", async () => {
  await withPages(async (world) => {
    await world.user("ada", PASSWORD);
    await world.user("mallory", OTHER_PASSWORD);
    const mallory = new Browser(world.base);
    await mallory.signIn("mallory", OTHER_PASSWORD);
    const planted = mallory.cookies.get("spgov_session") ?? "";
    const victim = new Browser(world.base);
    victim.cookies.set("spgov_session", planted);
    victim.cookies.set("spgov_form", "f".repeat(43));
    await victim.submit("/sign-in?again=1", { login: "ada", password: PASSWORD }, "/sign-in");
    const own = victim.cookies.get("spgov_session");
    assert.notEqual(own, planted);
    assert.match((await victim.get("/account")).text, /ada@example\.com/);
    // The planted one is over: it was this browser's session before.
    assert.equal((await mallory.get("/account")).status, 303);
    // One that never was a session is none.
    const other = new Browser(world.base);
    other.cookies.set("spgov_session", "g".repeat(43));
    await other.signIn("ada", PASSWORD);
    assert.notEqual(other.cookies.get("spgov_session"), "g".repeat(43));
  });
});

Deno.test("what ends a session ends the browser's at once", async () => {
  await withPages(async (world) => {
    const ada = await world.user("ada", PASSWORD);
    const ends: readonly (() => Promise<unknown>)[] = [
      () => endSessions(world.context, ADMIN, { userId: ada.id }),
      () => updateUser(world.context, ADMIN, ada.id, { status: "suspended" }),
    ];
    for (const end of ends) {
      const browser = new Browser(world.base);
      await browser.signIn("ada", PASSWORD);
      assert.equal((await browser.get("/account")).status, 200);
      await end();
      assert.equal((await browser.get("/account")).status, 303);
    }
  });
});

const NASTY = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&lt;`;

Deno.test("nothing that is typed, sent or stored becomes part of a page", async () => {
  await withPages(async (world) => {
    const ada = await world.user("ada", PASSWORD);
    const browser = new Browser(world.base);
    const failed = await browser.signIn(NASTY, NASTY);
    const query = encodeURIComponent(NASTY);
    const shown = [failed];
    for (const path of ["/sign-in/link?token=", "/sign-in?interaction=", "/sign-in?to="]) {
      shown.push(await browser.get(`${path}${query}`));
    }
    await updateUser(world.context, ADMIN, ada.id, { name: NASTY });
    await world.sql`
      insert into passkeys (id, user_id, name, public_key, counter, transports, host, synced)
      values (${NASTY}, ${ada.id}, ${NASTY}, '\\x00', 0, '{}', ${NASTY}, true)`;
    const agent = { ...BROWSER, userAgent: `Firefox/1 Linux ${NASTY}`, address: NASTY };
    await openBrowserSession(world.context, ada, "link", agent);
    await browser.signIn("ada@example.com", PASSWORD);
    const signedIn = ["/account", "/account/passkeys", "/sign-out", "/device?user_code="];
    for (const path of signedIn) {
      shown.push(await browser.get(`${path}${path.endsWith("=") ? query : ""}`));
    }
    shown.push(await browser.get(`/consent?interaction=${query}`));
    for (const { text, status } of shown) {
      assert.ok(status < 500);
      assert.doesNotMatch(text, /<script>|<img/);
    }
    assert.ok(failed.text.includes("&quot;&gt;&lt;script&gt;"), "what was typed is shown, escaped");
  });
});

Deno.test("no parameter leads away", async () => {
  await withPages(async (world) => {
    await world.user("ada", PASSWORD);
    const away = [
      "https://evil.example",
      "//evil.example",
      "/\\evil.example",
      "javascript:alert(1)",
    ];
    for (
      const name of ["to", "interaction", "next", "return_to", "redirect_uri", "user_code", "url"]
    ) {
      for (const value of away) {
        const browser = new Browser(world.base);
        const query = `?${new URLSearchParams({ [name]: value })}`;
        const page = await browser.signIn("ada", PASSWORD, query);
        assert.equal(page.location, "/account", `${name}=${value}`);
      }
    }
    const browser = new Browser(world.base);
    const device = await browser.signIn(
      "ada",
      PASSWORD,
      "?to=device&user_code=ab-%2F%2Fcd%0d%0ax:y",
    );
    assert.equal(device.location, "/device?user_code=AB-CDXY");
  });
});

Deno.test("a host that is not ours is answered nothing", async () => {
  await withPages(async (world) => {
    const { base, port } = world;
    for (const host of ["evil.example", `evil.example:${port}`, `127.0.0.1:${port + 1}`]) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await connection.write(
        new TextEncoder().encode(
          `GET /sign-in HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
        ),
      );
      const answer = await new Response(connection.readable).text();
      assert.match(answer, /^HTTP\/1\.1 400 /, host);
      assert.doesNotMatch(answer, /form_token|set-cookie/i);
    }
    assert.equal((await new Browser(base).get("/sign-in")).status, 200);
  });
});

Deno.test("over https cookies are the host's alone, and what is set without TLS does not count", async () => {
  const publicUrl = "https://gov.example.com";
  await withPages(async (world) => {
    await world.user("ada", PASSWORD);
    const browser = new Browser(world.base);
    const form = (await browser.get("/sign-in")).forms[0];
    const fields = { ...form?.fields, login: "ada", password: PASSWORD };
    const page = await browser.post("/sign-in", fields, { origin: publicUrl });
    const lines = page.headers.getSetCookie();
    const session = lines.find((line) => line.startsWith("__Host-spgov_session="));
    assert.match(session ?? "", /; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    assert.match(page.headers.get("strict-transport-security") ?? "", /max-age=/);
    assert.equal((await browser.get("/account")).status, 200);
    const token = browser.cookies.get("__Host-spgov_session") ?? "";
    const tossed = new Browser(world.base);
    tossed.cookies.set("spgov_session", token);
    assert.equal((await tossed.get("/account")).status, 303);
    assert.equal(
      (await browser.post("/sign-in", fields)).status,
      403,
      "the address of the listener",
    );
  }, { publicUrl });
});

Deno.test("one ends one's own other sessions, and nobody else's", async () => {
  await withPages(async (world) => {
    await world.user("ada", PASSWORD);
    await world.user("bob", OTHER_PASSWORD);
    const [one, two, bob] = [1, 2, 3].map(() => new Browser(world.base));
    assert.ok(one && two && bob);
    await one.signIn("ada", PASSWORD);
    await two.signIn("ada", PASSWORD);
    await bob.signIn("bob", OTHER_PASSWORD);
    const [his] = await world.sql`
      select b.session_id from browser_sessions b join sessions s on s.id = b.session_id
        join users u on u.id = s.user_id where u.name = 'bob'`;
    const form = (await one.get("/account")).forms.find(({ action }) => action.endsWith("/end"));
    assert.ok(form);
    const attack = await one.post(form.action, { ...form.fields, session: his?.sessionId });
    assert.equal(attack.status, 404);
    assert.equal((await bob.get("/account")).status, 200);
    const ended = await one.post(form.action, form.fields);
    assert.equal(ended.location, "/account?done=session");
    assert.equal((await two.get("/account")).status, 303);
    assert.equal((await one.get("/account")).status, 200);
  });
});

Deno.test("one's own password: the old one is asked for, others are signed out, guesses count", async () => {
  await withPages(async (world) => {
    await world.user("ada", PASSWORD);
    const [browser, other] = [new Browser(world.base), new Browser(world.base)];
    await browser.signIn("ada", PASSWORD);
    await other.signIn("ada", PASSWORD);
    const change = (current: string, password: string, again = password) =>
      browser.submit("/account", { current, password, again }, "/account/password");
    assert.match((await change(PASSWORD, OTHER_PASSWORD, "x")).text, /not the same/);
    assert.match((await change(PASSWORD, "short")).text, /shorter than 12/);
    assert.match((await change("wrong", OTHER_PASSWORD)).text, /current password is not right/);
    assert.equal((await change(PASSWORD, OTHER_PASSWORD)).location, "/account?done=password");
    assert.equal((await browser.get("/account")).status, 200);
    assert.equal((await other.get("/account")).status, 303);
    assert.equal((await new Browser(world.base).signIn("ada", PASSWORD)).status, 403);
    assert.equal((await new Browser(world.base).signIn("ada", OTHER_PASSWORD)).status, 303);
    for (let i = 0; i < 6; i++) await change(`guess ${i}`, "yet another lamp");
    assert.match((await change(OTHER_PASSWORD, "yet another lamp")).text, /Too many attempts/);
  });
});

Deno.test("a link is used by its button, once; whoever has no password then sets one", async () => {
  await withPages(async (world) => {
    const ada = await world.user("ada");
    const { token } = await createSignInLink(world.context, ADMIN, ada);
    const browser = new Browser(world.base);
    const path = `/sign-in/link?token=${token}`;
    for (let i = 0; i < 3; i++) assert.equal((await browser.get(path)).status, 200);
    assert.equal((await browser.submit(path, {})).location, "/account");
    const set = { password: PASSWORD, again: PASSWORD };
    assert.equal(
      (await browser.submit("/account", set, "/account/password")).location,
      "/account?done=password",
    );
    assert.equal((await new Browser(world.base).submit(path, {})).status, 403);
    assert.equal((await new Browser(world.base).signIn("ada", PASSWORD)).status, 303);
  });
});

Deno.test("credentials are changed by who signed in a short time ago", async () => {
  await withPages(async (world) => {
    await world.user("ada", PASSWORD);
    const browser = new Browser(world.base);
    await browser.signIn("ada", PASSWORD);
    assert.equal((await browser.get("/account/passkeys")).status, 200);
    await world.sql`update sessions set created_at = created_at - interval '16 minutes'`;
    const page = await browser.get("/account/passkeys");
    assert.equal(page.location, "/sign-in?to=passkeys&again=1");
    const again = await browser.submit(
      page.location ?? "",
      { login: "ada", password: PASSWORD },
      "/sign-in",
    );
    assert.equal(again.location, "/account/passkeys");
    assert.equal((await browser.get("/account/passkeys")).status, 200);
  });
});

Deno.test("a passkey is made and signs in, through the forms that the script fills in", async () => {
  await withPages(async (world) => {
    await world.user("ada", PASSWORD);
    const base = `http://localhost:${world.port}`;
    const browser = new Browser(base);
    const device = new Authenticator(base);
    await browser.signIn("ada", PASSWORD);
    const form = (await browser.get("/account/passkeys")).forms.find(({ fields }) =>
      "answer" in fields
    );
    assert.ok(form);
    const options = await browser.post("/account/passkeys/options", form.fields);
    assert.equal(options.headers.get("content-type"), "application/json");
    const answer = device.create(JSON.parse(options.text));
    const added = await browser.post(form.action, { ...form.fields, name: "key", answer });
    assert.equal(added.location, "/account/passkeys?done=added");
    const replayed = await browser.post(form.action, { ...form.fields, name: "key", answer });
    assert.equal(replayed.status, 400);

    const other = new Browser(base);
    const signIn = (await other.get("/sign-in")).forms.find(({ action }) =>
      action.endsWith("/passkey")
    );
    assert.ok(signIn);
    const challenge = await other.post("/sign-in/passkey/options", signIn.fields);
    const signed = device.get(JSON.parse(challenge.text));
    const thief = new Browser(base);
    const stolen = (await thief.get("/sign-in")).forms[0];
    assert.equal(
      (await thief.post("/sign-in/passkey", { ...stolen?.fields, answer: signed })).status,
      403,
      "another browser's challenge",
    );
    const done = await other.post(signIn.action, { ...signIn.fields, answer: signed });
    assert.equal(done.location, "/account");
    assert.match((await other.get("/account")).text, /by passkey/);
    const again = new Browser(base);
    again.cookies.set("spgov_form", "f".repeat(43));
    assert.equal(
      (await again.submit("/sign-in", { answer: signed }, "/sign-in/passkey")).status,
      403,
      "a replay",
    );
  });
});

Deno.test("an address has sixty challenges a minute", async () => {
  await withPages(async (world) => {
    const browser = new Browser(`http://localhost:${world.port}`);
    const form = (await browser.get("/sign-in")).forms[0];
    const statuses: number[] = [];
    for (let i = 0; i < 62; i++) {
      statuses.push((await browser.post("/sign-in/passkey/options", form?.fields ?? {})).status);
    }
    assert.deepEqual([statuses[59], statuses[60], statuses[61]], [200, 429, 429]);
    const [row] = await world.sql`select count(*)::int as n from passkey_challenges`;
    assert.equal(row?.n, 60);
  });
});

Deno.test("an address that is no name offers no passkeys and says where to go", async () => {
  await withPages(async (world) => {
    await world.user("ada", PASSWORD);
    const browser = new Browser(world.base);
    assert.doesNotMatch((await browser.get("/sign-in")).text, /passkey/);
    await browser.signIn("ada", PASSWORD);
    const page = await browser.get("/account/passkeys");
    assert.match(page.text, new RegExp(`http://localhost:${world.port}/account/passkeys`));
    const token = page.forms[0] ?? (await browser.get("/sign-out")).forms[0];
    assert.equal(
      (await browser.post("/account/passkeys/options", token?.fields ?? {})).status,
      400,
    );
  });
});

Deno.test("a form that is too large is not read to its end", async () => {
  await withPages(async (world) => {
    const page = await new Browser(world.base).post("/sign-in", { login: "x".repeat(200_000) });
    assert.equal(page.status, 413);
  });
});

Deno.test("banned addresses see nothing", async () => {
  await withPages(async (world) => {
    await world
      .sql`insert into bans (subject_kind, subject, reason) values ('address', '127.0.0.1', 'x')`;
    const page = await new Browser(world.base).get("/sign-in");
    assert.equal(page.status, 403);
    assert.deepEqual(page.forms, []);
  });
});

Deno.test("files keep their address as long as their content, and there are no others", async () => {
  await withPages(async (world) => {
    const browser = new Browser(world.base);
    const { text } = await new Browser(`http://localhost:${world.port}`).get("/sign-in");
    const paths = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path = ""]) =>
      path
    );
    assert.equal(paths.length, 3);
    for (const path of paths) {
      const file = await browser.get(path);
      assert.equal(file.status, 200);
      assert.match(file.headers.get("cache-control") ?? "", /immutable/);
      assert.match(
        file.headers.get("content-type") ?? "",
        /^(text\/css|text\/javascript|image\/svg)/,
      );
    }
    for (
      const path of ["/assets/", "/assets/pages.css", "/assets/../routes.ts", "/assets/%2e%2e/x"]
    ) {
      assert.equal((await browser.get(path)).status, 404, path);
    }
  });
});
