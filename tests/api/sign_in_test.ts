import assert from "node:assert/strict";
import { Browser } from "./browser.ts";
import { withPages } from "./pages_world.ts";

const PASSWORD = "lamp orbit velvet";

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
    const out = await browser.submit("/sign-out", {});
    assert.equal(out.location, "/sign-in?out=1");
    assert.equal(browser.cookies.has("spgov_session"), false);
    assert.equal((await browser.get("/account")).status, 303);
  });
});
