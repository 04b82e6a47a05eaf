import assert from "node:assert/strict";
import { Browser } from "../api/browser.ts";
import {
  type ChromiumContext,
  type ChromiumPage,
  findNoChromium,
  withChromium,
} from "../support/chromium.ts";
import { editProfile, faultTest } from "../support/fault_service.ts";
import { startService, type TestService } from "../support/service.ts";

const obstacle = await findNoChromium();
let service: TestService;
let base: string;
Deno.test.beforeAll(async () => {
  service = await startService({ gateways: 2 });
  base = service.url.replace("127.0.0.1", "localhost");
});
Deno.test.afterAll(() => service?.stop());

/** The link that the command line prints, at the name that browsers make passkeys for. */
async function signInLink(): Promise<string> {
  const { stdout, stderr, code } = await service.cli(
    ...["admin", "users", "sign-in-link", "operator"],
  );
  assert.equal(code, 0, stderr);
  return stdout.trim().replace(service.url, base);
}

/** A page on which anything that goes wrong fails the test. */
async function openPage(
  context: ChromiumContext,
): Promise<{ page: ChromiumPage; complaints: string[] }> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => void complaints.push(error.message));
  return { page, complaints };
}

async function addAuthenticator(context: ChromiumContext, page: ChromiumPage) {
  const session = await context.newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      ...{ protocol: "ctap2", transport: "internal", automaticPresenceSimulation: true },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    },
  });
  return {
    verifies: (isUserVerified: boolean) =>
      session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
}

faultTest("in a real browser: a link, a passkey, signing in with it, and removing it", async () => {
  await withChromium(async (chromium) => {
    const context = await chromium.newContext();
    const { page, complaints } = await openPage(context);
    const authenticator = await addAuthenticator(context, page);

    await page.goto(await signInLink());
    await page.click("button");
    await page.waitForURL(/\/account$/);
    await page.click("text=Manage passkeys");
    await page.waitForURL(/\/account\/passkeys$/);
    await page.fill("#name", "Test key");
    await page.click("text=Add a passkey");
    await page.waitForURL(/done=added/);
    assert.match(await page.textContent(".entries") ?? "", /Test key.*for localhost/s);

    await page.goto(`${base}/sign-out`);
    await page.click("button");
    await page.waitForURL(/\/sign-in\?out=1/);
    await page.click("text=Sign in with a passkey");
    await page.waitForURL(/\/account$/);
    assert.match(await page.textContent(".entries") ?? "", /by passkey/);
    assert.deepEqual(complaints, []);

    // Without the user's finger there is no sign-in, and the page says so.
    await page.goto(`${base}/sign-out`);
    await page.click("button");
    await page.waitForURL(/\/sign-in\?out=1/);
    await authenticator.verifies(false);
    await page.click("text=Sign in with a passkey");
    await page.waitForSelector("form[data-passkey] .notice:visible");
    assert.match(page.url(), /\/sign-in\?out=1$/);
    await authenticator.verifies(true);
    await page.click("text=Sign in with a passkey");
    await page.waitForURL(/\/account$/);

    await page.goto(`${base}/account/passkeys`);
    await page.click("text=Remove");
    await page.waitForURL(/done=removed/);
    await page.goto(`${base}/sign-out`);
    await page.click("button");
    await page.waitForURL(/\/sign-in\?out=1/);
    await page.click("text=Sign in with a passkey");
    await page.waitForSelector("main .notice.bad:visible");
    assert.match(page.url(), /\/sign-in/);
    await context.close();
  });
}, obstacle);

faultTest("in a real browser without a script: the same pages, by password", async () => {
  await withChromium(async (chromium) => {
    const context = await chromium.newContext({ javaScriptEnabled: false });
    const { page } = await openPage(context);
    await page.goto(await signInLink());
    await page.click("button");
    await page.waitForURL(/\/account$/);
    await page.fill("#password", "lamp orbit velvet");
    await page.fill("#again", "lamp orbit velvet");
    await page.click("text=Set password");
    await page.waitForURL(/done=password/);
    await page.goto(`${base}/account/passkeys`);
    assert.equal(await page.isVisible("[data-without-passkeys]"), true);
    assert.equal(await page.isVisible("form[data-passkey]"), false);
    await page.goto(`${base}/sign-out`);
    await page.click("button");
    await page.waitForURL(/out=1/);
    await page.fill("#login", "operator");
    await page.fill("#password", "lamp orbit velvet");
    await page.click("form[action='/sign-in'] button");
    await page.waitForURL(/\/account$/);
    await context.close();
  });
}, obstacle);

faultTest(
  "what ends a session ends it at every gateway at once; what people did verifies",
  async () => {
    const browser = new Browser(service.url);
    const link = (await signInLink()).replace(base, service.url);
    await browser.submit(link.slice(service.url.length), {});
    assert.equal((await browser.get("/account")).status, 200);
    const revoked = await service.cli(
      ...["admin", "session", "revoke", "--user", "operator", "--yes"],
    );
    assert.equal(revoked.code, 0, revoked.stderr);
    for (let i = 0; i < 8; i++) assert.equal((await browser.get("/account")).status, 303);
    const { code, stdout } = await service.cli("infra", "logs", "verify", "--json");
    assert.equal(code, 0, stdout);
  },
);

faultTest("people sign in through the listener that others can reach, too", async () => {
  const guarded = await startService({
    prepare: (home) => editProfile(home, (text) => `${text}server: { listener: guarded }\n`),
  });
  try {
    const { stdout } = await guarded.cli("admin", "users", "sign-in-link", "operator");
    const browser = new Browser(guarded.url);
    const signedIn = await browser.submit(stdout.trim().slice(guarded.url.length), {});
    assert.equal(signedIn.location, "/account");
    assert.equal((await browser.get("/account")).status, 200);
    assert.equal((await browser.submit("/sign-out", {})).location, "/sign-in?out=1");
    assert.equal((await browser.get("/account")).status, 303);
  } finally {
    await guarded.stop();
  }
});

const ARIA = `[...document.querySelectorAll("input:not([type=hidden]), button, a")]
  .filter((e) => !(e.labels?.length || e.textContent.trim() || e.getAttribute("aria-label")))
  .map((e) => e.outerHTML)`;
const WIDER = `document.documentElement.scrollWidth > document.documentElement.clientWidth`;

faultTest("every page has names for all that can be used, and fits a phone", async () => {
  await withChromium(async (chromium) => {
    for (const colorScheme of ["light", "dark"]) {
      const context = await chromium.newContext({
        colorScheme,
        viewport: { width: 320, height: 640 },
      });
      const { page, complaints } = await openPage(context);
      await page.goto(`${base}/sign-in`);
      const look = async () => {
        assert.deepEqual(await page.evaluate(ARIA), [], page.url());
        assert.equal(await page.evaluate(WIDER), false, `${page.url()} is wider than the screen`);
        assert.equal(await page.evaluate("document.querySelectorAll('h1').length"), 1);
        const lang = await page.evaluate("document.documentElement.lang");
        assert.equal(lang, "en");
      };
      await look();
      await page.goto(await signInLink());
      await look();
      await page.click("button");
      await page.waitForURL(/\/account$/);
      for (const path of ["/account", "/account/passkeys", "/device", "/sign-out"]) {
        await page.goto(`${base}${path}`);
        await look();
      }
      assert.deepEqual(complaints, []);
      await context.close();
    }
  });
}, obstacle);
