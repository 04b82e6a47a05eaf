import assert from "node:assert/strict";
import { Browser } from "../api/browser.ts";
import { findNoChromium, withChromium } from "../support/chromium.ts";
import { faultTest } from "../support/fault_service.ts";
import {
  type IdentityProvider,
  signInAt,
  startIdentityProvider,
} from "../support/identity_provider.ts";
import { startService, type TestService } from "../support/service.ts";

/** The whole appliance with an identity provider: its secret in the vault, its host on egress' list. */

const SECRET = "federated-canary-secret-of-forty-characters";
const obstacle = await findNoChromium();
let service: TestService;
let idp: IdentityProvider;
Deno.test.beforeAll(async () => {
  const port = freePort();
  service = await startService({
    gateways: 2,
    prepare: (home) =>
      Deno.writeTextFile(
        `${home}/services/identity/config.yaml`,
        `providers:
  - name: corp
    title: Example Corp
    issuer: http://127.0.0.1:${port}
    client_id: spgov
    client_secret: CORP_SECRET
    create: true
    email_domains: [example.com]
`,
      ),
  });
  idp = await startIdentityProvider({
    port,
    redirectUris: [callback(service.url), callback(local())],
    clientSecret: SECRET,
    people: { "ada@idp": { email: "ada@example.com", email_verified: true } },
  });
  const set = ["cloud", "secrets", "set", "CORP_SECRET", "--server", "idp.corp"];
  const { code, stderr } = await service.pipe(SECRET, ...set);
  assert.equal(code, 0, stderr);
});
Deno.test.afterAll(async () => {
  await service?.stop();
  await idp?.stop();
});

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

function callback(base: string): string {
  return `${base}/sign-in/with/corp`;
}

/** The service under the name that browsers know. */
function local(): string {
  return service.url.replace("127.0.0.1", "localhost");
}

Deno.test("somebody signs in at the provider; egress alone reaches it, and the rows say who came from where", async () => {
  const lists = await service.cli("infra", "services", "permissions", "--json");
  const { data: { isolates } } = JSON.parse(lists.stdout);
  const host = new URL(idp.issuer).host;
  const reach = Object.entries<{ net: string[] }>(isolates).filter(([, { net }]) =>
    net.includes(host)
  );
  assert.deepEqual(reach.map(([isolate]) => isolate), ["egress"]);

  const browser = new Browser(service.url);
  const sent = await browser.submit("/sign-in", {}, "/sign-in/with/corp");
  const back = await signInAt(idp.issuer, sent.continueTo ?? "", "ada@idp");
  assert.equal((await browser.get(back.href)).location, "/account");
  assert.match((await browser.get("/account")).text, /ada@example\.com/);
  assert.equal((await browser.get(back.href)).status, 403, "replayed");
  assert.ok(idp.requests.includes("POST /token"));

  const users = await service.cli("admin", "users", "list", "--json");
  assert.match(users.stdout, /ada@example\.com/);
  const verified = await service.cli("infra", "logs", "verify");
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
});

faultTest("in a real browser: the way to the provider and back", async () => {
  await withChromium(async (chromium) => {
    const context = await chromium.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      // What the provider's own pages lack is not ours.
      if (message.type() === "error" && page.url().startsWith(local())) {
        complaints.push(message.text());
      }
    });
    await page.goto(`${local()}/sign-in`);
    await page.click('form[action="/sign-in/with/corp"] button');
    await page.waitForSelector("input[name=login]");
    assert.ok(page.url().startsWith(idp.issuer), page.url());
    await page.fill("input[name=login]", "ada@idp");
    await page.fill("input[name=password]", "any");
    await page.click("button[type=submit]");
    await page.click("button[type=submit]");
    await page.waitForURL(/\/account$/);
    assert.match(await page.textContent("h1") ?? "", /ada/);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}, obstacle);
