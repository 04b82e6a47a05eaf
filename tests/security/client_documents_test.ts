import assert from "node:assert/strict";
import { fetchDocument } from "../../src/isolates/document_fetch.ts";
import type { DocumentApi } from "../../src/isolates/documents_api.ts";
import { documentPermissions } from "../../src/isolates/permissions.ts";
import { spawnIsolate } from "../../src/isolates/spawn.ts";
import {
  authorizationUrl,
  type OAuthWorld,
  REDIRECT,
  startOAuthWorld,
} from "../support/oauth_world.ts";
import { makeCertificate, type TestCertificate } from "../support/test_certificate.ts";

/** Clients that are described by a document at their id: what is fetched, and from where it never is. */

const FOREVER = Promise.withResolvers<void>();
/** What a path of the documents' host answers; `ID` stands for the document's own address. */
const PATHS: Readonly<Record<string, (id: string) => Response>> = {
  "/good": (id) => json(metadata(id)),
  "/chunked": (id) =>
    new Response(
      ReadableStream.from([
        JSON.stringify(metadata(id)).slice(0, 40),
        JSON.stringify(metadata(id)).slice(40),
      ])
        .pipeThrough(new TextEncoderStream()),
      { headers: { "content-type": "application/json" } },
    ),
  "/another": () => json(metadata("https://client.example/good")),
  "/secret": (id) => json({ ...metadata(id), client_secret: "s" }),
  "/basic": (id) => json({ ...metadata(id), token_endpoint_auth_method: "client_secret_basic" }),
  "/redirects": () => new Response(null, { status: 302, headers: { location: "/good" } }),
  "/missing": () => new Response("no", { status: 404 }),
  "/large": (id) => json({ ...metadata(id), software_id: "x".repeat(64 * 1024) }),
  "/html": (id) =>
    new Response(JSON.stringify(metadata(id)), { headers: { "content-type": "text/html" } }),
  "/list": () => json([1, 2]),
  "/garbage": () => new Response("{", { headers: { "content-type": "application/json" } }),
  "/userinfo": (id) => json({ ...metadata(id), redirect_uris: ["https://a@evil.example/"] }),
  "/endless": () =>
    new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(4096).fill(32)) }), {
      headers: { "content-type": "application/json" },
    }),
};

function metadata(id: string): Record<string, unknown> {
  return {
    client_id: id,
    client_name: "Document client",
    redirect_uris: [REDIRECT],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  };
}

function json(value: unknown): Response {
  return Response.json(value);
}

let certificate: TestCertificate;
let host: Deno.HttpServer<Deno.NetAddr>;
let origin: string;
let asked: string[] = [];
let world: OAuthWorld;
Deno.test.beforeAll(async () => {
  certificate = await makeCertificate(["IP:127.0.0.1", "DNS:docs.test"]);
  const { cert, key } = certificate;
  host = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert, key, onListen: () => {} },
    async (r) => {
      const { pathname } = new URL(r.url);
      asked.push(pathname);
      if (pathname === "/slow") await FOREVER.promise;
      return PATHS[pathname]?.(`${origin}${pathname}`) ?? new Response(null, { status: 404 });
    },
  );
  origin = `https://127.0.0.1:${host.addr.port}`;
  // The first isolate of a process is the slowest: it must not eat up the time of a test's own.
  const idle = spawnIsolate<DocumentApi>("documents", "idle", documentPermissions("127.0.0.1", 1));
  const nowhere = { address: "127.0.0.1", port: 1, host: "x", authority: "x", path: "/" };
  await idle.remote.get({ ...nowhere, maxBytes: 1, timeoutMs: 1000 });
  idle.terminate();
  const ca = certificate.ca.trim().split("\n").map((line) => `    ${line}`).join("\n");
  world = await startOAuthWorld({
    profile: `oauth:\n  document_hosts: ["127.0.0.1:${host.addr.port}"]\n  document_ca: |\n${ca}\n`,
  });
});
Deno.test.afterAll(async () => {
  FOREVER.resolve();
  await world.stop();
  await host.shutdown();
});

const CLIENT = {
  kind: "document",
  name: "",
  uri: null,
  redirectUris: [],
  grantTypes: [],
  authMethod: "none",
  jwks: null,
  scopes: null,
  userId: null,
  introspects: false,
} as const;

/** What the authorization endpoint answers to a client of this id. */
async function ask(id: string): Promise<{ status: number; location: string; text: string }> {
  const { href } = await authorizationUrl(world.url, { ...CLIENT, id });
  const response = await fetch(href, { redirect: "manual" });
  const location = response.headers.get("location") ?? "";
  return { status: response.status, location, text: await response.text() };
}

for (const path of ["/good", "/chunked"]) {
  Deno.test(`a client is what its document says: ${path}`, async () => {
    const ada = await world.person("ada");
    const id = `${origin}${path}`;
    const client = { ...CLIENT, id, redirectUris: [REDIRECT], secret: "" };
    const tokens = await world.tokens(ada, client);
    assert.ok(tokens.refresh_token);
    assert.notEqual(await world.call("alpha", tokens.access_token), 401);
    await world.tokens(ada, client);
    assert.equal(asked.filter((each) => each === path).length, 1, "fetched once, kept for a while");
    const [row] = await world.sql`select client_kind from oauth_interactions limit 1`;
    assert.equal(row, undefined, "an interaction is left over");
  });
}

const BAD: readonly (readonly [string, RegExp])[] = [
  ["/another", /another client/],
  ["/secret", /publishes a secret/],
  ["/basic", /token_endpoint_auth_method/],
  ["/redirects", /answers 302/],
  ["/missing", /answers 404/],
  ["/large", /larger than 65536/],
  ["/endless", /larger than 65536|cannot be fetched/],
  ["/html", /no JSON document/],
  ["/list", /no JSON object/],
  ["/garbage", /no JSON object/],
  ["/userinfo", /user information/],
  ["/slow", /cannot be fetched|too late/],
];
for (const [path, reason] of BAD) {
  Deno.test(`a document is refused, and nothing redirected: ${path}`, async () => {
    const started = performance.now();
    const { status, location, text } = await ask(`${origin}${path}`);
    assert.deepEqual([status, location], [400, ""]);
    assert.match(text, reason);
    assert.ok(performance.now() - started < 8000);
    if (path === "/redirects") assert.equal(asked.at(-1), path, "the redirect was followed");
  });
}

Deno.test("ids that could mean another address than they show are refused before anything is looked up", async () => {
  const { port } = host.addr;
  for (
    const id of [
      `https://127.0.0.1:${port}`,
      `https://127.0.0.1:${port}/`,
      `https://127.1:${port}/good`,
      `https://2130706433:${port}/good`,
      `https://0x7f000001:${port}/good`,
      `https://user@127.0.0.1:${port}/good`,
      `https://127.0.0.1:${port}/good#x`,
      `https://127.0.0.1:${port}/good?x`,
      `https://127.0.0.1:${port}/x/../good`,
      `https://127.0.0.1:${port}/x/%2e%2e/good`,
      `https://127.0.0.1:${port}\\good`,
      `HTTPS://127.0.0.1:${port}/good`,
      `https://${"a".repeat(600)}.example/x`,
    ]
  ) {
    asked = [];
    const { status, location } = await ask(id);
    assert.deepEqual([status, location, asked], [400, "", []], id);
  }
});

/** A listener that nobody may reach; counts who does. */
async function withTrap(
  work: (port: number, reached: () => number) => Promise<void>,
): Promise<void> {
  const trap = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let count = 0;
  const accepting = (async () => {
    for await (const connection of trap) {
      count++;
      connection.close();
    }
  })();
  try {
    await work((trap.addr as Deno.NetAddr).port, () => count);
  } finally {
    trap.close();
    await accepting.catch(() => undefined);
  }
}

Deno.test("private, loopback, link-local and metadata addresses are never connected to", async () => {
  await withTrap(async (port, reached) => {
    const hosts = [
      ...["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "172.16.0.1", "192.168.0.1", "0.0.0.0"],
      ...["169.254.169.254", "100.64.0.1", "[fd00:ec2::254]", "[fe80::1]", "[::ffff:7f00:1]"],
      ...["[64:ff9b::7f00:1]", "[::]"],
    ];
    for (const name of hosts) {
      for (const authority of [name, `${name}:${port}`]) {
        const found = await fetchDocument(`https://${authority}/x`, { document_hosts: [] });
        assert.ok(!found.ok, authority);
        assert.match(found.reason, /not public|not 443|cannot be looked up/, authority);
      }
    }
    const { status } = await ask(`https://127.0.0.1:${port}/x`);
    assert.equal(status, 400);
    assert.equal(reached(), 0);
  });
});

Deno.test("a name with one address that is not public is refused, whichever comes first", async () => {
  for (const addresses of [["8.8.8.8", "10.0.0.1"], ["::1", "8.8.8.8"], ["169.254.169.254"], []]) {
    const found = await fetchDocument(
      "https://client.example/x",
      { document_hosts: [] },
      () => Promise.resolve(addresses),
    );
    assert.ok(!found.ok);
    assert.match(found.reason, /not public|no address/);
  }
});

Deno.test("a name is looked up once: what it means afterwards counts for nothing (rebinding)", async () => {
  await withTrap(async (_, reached) => {
    let lookups = 0;
    const { port } = host.addr;
    const found = await fetchDocument(
      `https://docs.test:${port}/list`,
      { document_hosts: [`docs.test:${port}`], document_ca: certificate.ca },
      () => Promise.resolve(lookups++ === 0 ? ["127.0.0.1"] : ["127.0.0.2"]),
    );
    assert.ok(!found.ok);
    assert.match(found.reason, /no JSON object/, "it was fetched under its name");
    assert.deepEqual([lookups, reached()], [1, 0]);
  });
});

Deno.test("a certificate for another name is refused", async () => {
  const { port } = host.addr;
  const terms = { document_hosts: [`other.test:${port}`], document_ca: certificate.ca };
  const found = await fetchDocument(
    `https://other.test:${port}/good`,
    terms,
    () => Promise.resolve(["127.0.0.1"]),
  );
  assert.ok(!found.ok);
  assert.equal(found.reason, "it cannot be fetched");
});

Deno.test("the isolate that fetches can reach the one address and nothing else", async () => {
  await withTrap(async (port, reached) => {
    const list = documentPermissions("127.0.0.1", host.addr.port);
    const isolate = spawnIsolate<DocumentApi>("documents", "documents", list);
    try {
      const request = {
        ...{ address: "127.0.0.1", host: "127.0.0.1", authority: "127.0.0.1", path: "/list" },
        ...{ maxBytes: 1000, timeoutMs: 2000, ca: certificate.ca },
      };
      const right = await isolate.remote.get({ ...request, port: host.addr.port });
      assert.deepEqual(right, { ok: false, reason: "it is no JSON object" });
      const wrong = await isolate.remote.get({ ...request, port });
      assert.ok(!wrong.ok);
      assert.equal(wrong.reason, "it cannot be fetched");
      assert.equal(reached(), 0);
    } finally {
      isolate.terminate();
    }
  });
});
