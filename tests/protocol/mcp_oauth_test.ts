import assert from "node:assert/strict";
import * as modern from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { createPasswordHasher, LOCAL_OPERATOR, setPassword } from "../../src/identity/mod.ts";
import { Browser, type Page } from "../api/browser.ts";
import { type OAuthWorld, REDIRECT, startOAuthWorld } from "../support/oauth_world.ts";
import { makeCertificate } from "../support/test_certificate.ts";

/**
 * The official clients find their own way: from 401 by the resource's and the server's metadata, with a client
 * of each kind, through our pages and back, to a call that is let in.
 */

const SERVER = "demo-files";
const PASSWORD = "lamp quarry violin tundra";

let world: OAuthWorld;
let documents: Deno.HttpServer<Deno.NetAddr>;
let documentId: string;
Deno.test.beforeAll(async () => {
  const { ca, cert, key } = await makeCertificate(["IP:127.0.0.1"]);
  documents = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert, key, onListen: () => {} },
    () => Response.json({ ...METADATA, client_id: documentId }),
  );
  documentId = `https://127.0.0.1:${documents.addr.port}/client.json`;
  const pem = ca.trim().split("\n").map((line) => `    ${line}`).join("\n");
  world = await startOAuthWorld({
    oauth: "dynamic_registration: true\n",
    profile:
      `oauth:\n  document_hosts: ["127.0.0.1:${documents.addr.port}"]\n  document_ca: |\n${pem}\n`,
    prepare: (home) =>
      Deno.writeTextFile(
        `${home}/services/mcp/${SERVER}.yaml`,
        `name: ${SERVER}\ntransport: stdio\ncommand: spgov\nargs: [serve-demo, files]\n` +
          `tools: { write_file: { scopes: ["${SERVER}:write"] } }\n`,
      ),
  });
  const ada = await world.person("ada");
  await setPassword(world.identity, LOCAL_OPERATOR, createPasswordHasher(), ada.user, PASSWORD);
});
Deno.test.afterAll(async () => {
  await world.stop();
  await documents.shutdown();
});

const METADATA = {
  client_name: "Official client",
  redirect_uris: [REDIRECT],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  token_endpoint_auth_method: "none",
};

/** What an official client keeps, and a person at a browser who signs in and allows. */
class Provider {
  readonly redirectUrl = REDIRECT;
  readonly clientMetadata = METADATA;
  readonly clientMetadataUrl?: string;
  readonly asked: URL[] = [];
  back = new URLSearchParams();
  #client: unknown;
  #tokens: unknown;
  #verifier = "";

  constructor({ client, metadataUrl }: { client?: unknown; metadataUrl?: string } = {}) {
    this.#client = client;
    if (metadataUrl !== undefined) this.clientMetadataUrl = metadataUrl;
  }

  state = () => "a state";
  // deno-lint-ignore no-explicit-any
  clientInformation = (): any => this.#client;
  saveClientInformation = (client: unknown) => void (this.#client = client);
  // deno-lint-ignore no-explicit-any
  tokens = (): any => this.#tokens;
  saveTokens = (tokens: unknown) => void (this.#tokens = tokens);
  saveCodeVerifier = (verifier: string) => void (this.#verifier = verifier);
  codeVerifier = () => this.#verifier;

  async redirectToAuthorization(url: URL): Promise<void> {
    this.asked.push(url);
    const browser = new Browser(world.url);
    const start = await browser.get(url.href);
    const signIn = new URL(start.location ?? "", world.url);
    assert.equal(signIn.pathname, "/sign-in");
    const signedIn = await browser.signIn("ada", PASSWORD, signIn.search);
    const page = await browser.submit(signedIn.location ?? "", scopesOf(url), "/consent");
    this.back = new URL(targetOf(page)).searchParams;
    assert.equal(this.back.get("state"), "a state");
  }

  /** Lets the access token pass away, but not the refresh token. */
  spoil(): void {
    this.#tokens = { ...this.#tokens as object, access_token: "spoilt" };
  }
}

function scopesOf(url: URL): { decision: string; scope: string[] } {
  return { decision: "allow", scope: (url.searchParams.get("scope") ?? "").split(" ") };
}

function targetOf(page: Page): string {
  assert.ok(page.continueTo, page.text);
  return page.continueTo;
}

const KINDS = ["registered", "described by a document", "registering itself"] as const;

async function providerOf(kind: typeof KINDS[number]): Promise<Provider> {
  switch (kind) {
    case "registered": {
      const { id } = await world.client();
      return new Provider({ client: { client_id: id } });
    }
    case "described by a document":
      return new Provider({ metadataUrl: documentId });
    case "registering itself":
      return new Provider();
  }
}

const url = () => new URL(world.resource(SERVER));

for (const kind of KINDS) {
  Deno.test(`the client of 2026, ${kind}: from 401 to a call, a refresh and a step up`, async () => {
    const provider = await providerOf(kind);
    const connect = () => {
      const client = new modern.Client({ name: "test", version: "1" }, {
        versionNegotiation: { mode: "auto" },
      });
      const transport = new modern.StreamableHTTPClientTransport(url(), {
        authProvider: provider as modern.OAuthClientProvider,
      });
      return { client, transport, connected: client.connect(transport) };
    };
    const first = connect();
    await assert.rejects(first.connected, modern.UnauthorizedError);
    await first.transport.finishAuth(provider.back);
    await first.client.close();
    assert.equal(provider.asked[0]?.searchParams.get("resource"), url().href);
    assert.match(
      provider.asked[0]?.searchParams.get("scope") ?? "",
      /^demo-files:use( offline_access)?$/,
    );

    const second = connect();
    await second.connected;
    const { tools } = await second.client.listTools();
    assert.ok(tools.some(({ name }) => name === "read_file"));
    provider.spoil();
    const listed = await second.client.callTool({ name: "list_files", arguments: {} });
    assert.notEqual(listed.isError, true);
    assert.equal(provider.asked.length, 1, "a refresh asks nobody");

    const write = { name: "write_file", arguments: { path: "note.txt", content: "x" } };
    await assert.rejects(second.client.callTool(write), modern.UnauthorizedError);
    assert.match(provider.asked[1]?.searchParams.get("scope") ?? "", /demo-files:write/);
    assert.match(provider.asked[1]?.searchParams.get("scope") ?? "", /demo-files:use/);
    await second.transport.finishAuth(provider.back);
    const written = await second.client.callTool(write);
    assert.notEqual(written.isError, true);
    await second.client.close();
  });
}

// This client's stream may outlive its close() by a moment.
const sanitize = { sanitizeOps: false, sanitizeResources: false };

Deno.test("the client of 2025: from 401 to a call", sanitize, async () => {
  const provider = await providerOf("registered");
  const first = new StreamableHTTPClientTransport(url(), { authProvider: provider });
  await assert.rejects(new LegacyClient({ name: "test", version: "1" }).connect(first as never));
  await first.finishAuth(provider.back.get("code") ?? "");
  const client = new LegacyClient({ name: "test", version: "1" });
  await client.connect(
    new StreamableHTTPClientTransport(url(), { authProvider: provider }) as never,
  );
  const { tools } = await client.listTools();
  assert.ok(tools.length > 0);
  await client.close();
});
