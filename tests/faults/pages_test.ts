import assert from "node:assert/strict";
import { Browser, type Page } from "../api/browser.ts";
import { postmasterOf } from "../support/embedded_home.ts";
import { faultTest, signalServer, startFaultService } from "../support/fault_service.ts";

const PASSWORD = "lamp orbit velvet";

faultTest(
  "without a database nobody is signed in, everybody is told, and nothing hangs",
  async () => {
    const service = await startFaultService({ gateways: 1, database: "embedded" });
    try {
      const { stdout, stderr } = await service.cli("admin", "users", "sign-in-link", "operator");
      assert.notEqual(stdout, "", stderr);
      const browser = new Browser(service.url);
      await browser.submit(stdout.trim().slice(service.url.length), {});
      const set = { password: PASSWORD, again: PASSWORD };
      await browser.submit("/account", set, "/account/password");
      const form = (await new Browser(service.url).get("/sign-in")).forms[0];
      const other = new Browser(service.url);
      const own = (await other.get("/sign-in")).forms[0];
      assert.ok(form && own);

      const postmaster = await postmasterOf(service.home);
      await signalServer(postmaster, "SIGSTOP");
      try {
        const fields = { ...own.fields, login: "operator", password: PASSWORD };
        const pages: readonly Page[] = await Promise.all([
          other.post("/sign-in", fields),
          browser.get("/account"),
        ]);
        for (const page of pages) {
          assert.equal(page.status, 503);
          assert.ok(Number(page.headers.get("retry-after")) > 0);
          assert.doesNotMatch(page.text, /operator|postgres|sql/i);
        }
        assert.equal(other.cookies.has("spgov_session"), false);
      } finally {
        await signalServer(postmaster, "SIGCONT");
      }
      const again = new Browser(service.url);
      assert.equal((await again.signIn("operator", PASSWORD)).location, "/account");
      assert.equal((await browser.get("/account")).status, 200);
    } finally {
      await service.stop();
    }
  },
);
