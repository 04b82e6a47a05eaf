import assert from "node:assert/strict";
import { join } from "node:path";
import { pause } from "../support/fault_load.ts";
import { editProfile, faultTest } from "../support/fault_service.ts";
import {
  authorizationUrl,
  type OAuthWorld,
  REDIRECT,
  startOAuthWorld,
} from "../support/oauth_world.ts";
import { type OwnPostgres, startOwnPostgres } from "../support/own_postgres.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp_proxy.ts";

/** Two processes behind one name on one database, one of them over a line that can fail. */

/** Where a proxy in front of both would be; nothing is ever sent there. */
const ISSUER = "http://127.0.0.1:9";

let postgres: OwnPostgres;
let proxy: TcpProxy;
let first: OAuthWorld;
let second: OAuthWorld;

Deno.test.beforeAll(async () => {
  postgres = await startOwnPostgres();
  proxy = await startTcpProxy(postgres.port);
  const publish = (home: string) =>
    editProfile(home, (text) => text.replace("server: {", `server: { public_url: "${ISSUER}", `));
  first = await startOAuthWorld({ database: { url: postgres.url }, prepare: publish });
  const key = await Deno.readFile(join(first.service.home, "keys", "master.key"));
  const url = postgres.url.replace(`:${postgres.port}/`, `:${proxy.port}/`);
  second = await startOAuthWorld({
    database: { url },
    async prepare(home) {
      await publish(home);
      await Deno.mkdir(join(home, "keys"), { mode: 0o700 });
      await Deno.writeFile(join(home, "keys", "master.key"), key, { mode: 0o600 });
    },
  });
});
Deno.test.afterAll(async () => {
  await first?.stop();
  await second?.stop();
  await proxy?.close();
  await postgres?.stop();
});

const RESOURCE = `${ISSUER}/api/v1/mcp/alpha/mcp`;

/** A code that the first process gave. */
async function getCode(clientId: string): Promise<Record<string, string>> {
  const ada = await first.person("ada");
  const client = { id: clientId } as Parameters<typeof authorizationUrl>[1];
  const wish = { parameters: { resource: RESOURCE } };
  const { href, verifier } = await authorizationUrl(first.url, client, wish);
  const response = await ada.get(href);
  await response.body?.cancel();
  const to = new URL(response.headers.get("location") ?? "", first.url);
  assert.equal(to.pathname, "/consent");
  const id = to.searchParams.get("interaction") ?? "";
  const back = new URL(await second.interactions.complete(id, ada.form, { allow: true }));
  assert.equal(back.searchParams.get("iss"), ISSUER);
  const code = back.searchParams.get("code") ?? "";
  const form = { grant_type: "authorization_code", code, code_verifier: verifier };
  return { ...form, redirect_uri: REDIRECT, client_id: clientId };
}

async function published({ url }: OAuthWorld): Promise<unknown> {
  return await (await fetch(`${url}/.well-known/jwks.json`)).json();
}

faultTest(
  "a code of one process is redeemed at the other; what one ends, the other refuses",
  async () => {
    const client = await first.client();
    const form = await getCode(client.id);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? first : second).post("token", form)),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);

    const { body } = await second.post("token", await getCode(client.id));
    for (const world of [first, second]) {
      assert.notEqual(await world.call("alpha", body.access_token), 401);
      assert.deepEqual(await published(world), await published(first));
    }
    await first.post("revoke", { token: body.access_token, client_id: client.id });
    const deadline = Date.now() + 1000;
    while (await second.call("alpha", body.access_token) !== 401) {
      assert.ok(Date.now() < deadline, "not refused within a second");
    }
  },
);

faultTest(
  "without the database nothing is granted, nobody waits for ever, and it comes back",
  async () => {
    const client = await first.client();
    const form = await getCode(client.id);
    proxy.swallow();
    try {
      const started = performance.now();
      const { status, headers } = await second.post("token", form);
      assert.equal(status, 503);
      assert.equal(headers.get("retry-after"), "2");
      assert.ok(performance.now() - started < 15_000);
    } finally {
      proxy.heal();
    }
    // What arrived late may have taken the code: then it is gone, and never gives tokens twice.
    const deadline = Date.now() + 20_000;
    for (;;) {
      const fresh = await second.post("token", await getCode(client.id));
      if (fresh.status === 200) break;
      assert.ok(Date.now() < deadline, `${fresh.status} ${JSON.stringify(fresh.body)}`);
      await pause(200);
    }
  },
);

faultTest("a killed process loses no grant that it answered", async () => {
  const client = await first.client();
  const { body } = await second.post("token", await getCode(client.id));
  await second.service.restart("SIGKILL");
  const world = { ...second, url: second.service.url };
  const refreshed = await fetch(`${world.url}/api/v1/core/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      ...{ grant_type: "refresh_token", refresh_token: body.refresh_token, client_id: client.id },
    }),
  });
  assert.equal(refreshed.status, 200);
  assert.ok((await refreshed.json()).access_token);
});
