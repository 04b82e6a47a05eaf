import assert from "node:assert/strict";
import { createPasswordHasher, LOCAL_OPERATOR, setPassword } from "../../src/identity/mod.ts";
import { findNoChromium, withChromium } from "../support/chromium.ts";
import { faultTest } from "../support/fault_service.ts";
import { type OAuthWorld, startOAuthWorld } from "../support/oauth_world.ts";

const PASSWORD = "lamp orbit velvet";
const VERIFIER = "v".repeat(50);

const obstacle = await findNoChromium();
let world: OAuthWorld;
Deno.test.beforeAll(async () => {
  if (obstacle === undefined) world = await startOAuthWorld();
});
Deno.test.afterAll(() => world?.stop());

async function challengeOf(verifier: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return new Uint8Array(hash).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** A native client on a port of its own, which sends the browser on once more, to another origin. */
async function withClient(
  work: (port: number, answers: URLSearchParams[]) => Promise<void>,
): Promise<void> {
  const answers: URLSearchParams[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const url = new URL(request.url);
    if (url.pathname !== "/callback") return new Response("You can close this page.");
    answers.push(url.searchParams);
    return Response.redirect(`http://localhost:${url.port}/done`, 302);
  });
  try {
    await work(server.addr.port, answers);
  } finally {
    await server.shutdown();
  }
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";
  faultTest(
    `in a real browser ${how} script: client, sign-in, consent, client, tokens`,
    async () => {
      const { user } = await world.person(`ada-${how}`);
      await setPassword(world.identity, LOCAL_OPERATOR, createPasswordHasher(), user, PASSWORD);
      await withClient(async (port, answers) => {
        const client = await world.client({ redirectUris: ["http://127.0.0.1/callback"] });
        const redirect = `http://127.0.0.1:${port}/callback`;
        const query = new URLSearchParams({
          ...{ response_type: "code", client_id: client.id, redirect_uri: redirect, state: "s&1" },
          ...{ scope: "alpha:use", resource: world.resource("alpha") },
          ...{ code_challenge: await challengeOf(VERIFIER), code_challenge_method: "S256" },
        });
        await withChromium(async (chromium) => {
          const context = await chromium.newContext({ javaScriptEnabled });
          const page = await context.newPage();
          await page.goto(`${world.url}/api/v1/core/oauth/authorize?${query}`);
          await page.fill("#login", user.email);
          await page.fill("#password", PASSWORD);
          await page.click("form[action='/sign-in'] button");
          await page.waitForURL(/\/consent\?interaction=/);
          await page.click("button[value=allow]");
          await page.waitForURL(/\/done$/);
          await context.close();
        });
        assert.equal(answers.length, 1);
        assert.deepEqual([answers[0]?.get("state"), answers[0]?.get("iss")], ["s&1", world.url]);
        const { status, body } = await world.post("token", {
          ...{ grant_type: "authorization_code", client_id: client.id, redirect_uri: redirect },
          ...{ code: answers[0]?.get("code") ?? "", code_verifier: VERIFIER },
        });
        assert.equal(status, 200, JSON.stringify(body));
        assert.equal(body.scope, "alpha:use");
      });
    },
    obstacle,
  );
}
