/**
 * A gateway cannot obtain a value or a key by any message: the real egress isolate, asked everything that it
 * answers and more, by somebody who holds a gateway's port.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { EgressServices } from "../../src/isolates/protocol.ts";
import { pause } from "../../src/kernel/pause.ts";
import { connect } from "../../src/kernel/rpc.ts";
import { identitySchema } from "../../src/federation/config/mod.ts";
import { createRedactor, deriveKey, type KeyPurpose, SecretBytes } from "../../src/vault/mod.ts";
import { withEgress } from "../support/egress_world.ts";
import { childServer } from "../support/upstream_world.ts";

const VALUE = "ghp_Canary7391xYz-of-everybody";
const OTHERS = "ghp_Canary8820aBc-of-ada";

/** `token`: one that is good for the server. */
type Call = (port: MessagePort, token: string) => readonly unknown[];

const FORM = { session: "TOKEN", formToken: "TOKEN" };
const ORIGIN = { address: "127.0.0.1", userAgent: "test" };
const HOST = { host: "localhost", origin: "http://localhost:1" };
const LINE = { server: "github", key: "k" };
const DIRECTORY = {
  ...{ method: "GET", query: [], body: undefined, ifMatch: undefined, ifNoneMatch: undefined },
  ...{ address: "127.0.0.1", base: "http://127.0.0.1:2", traceId: "0".repeat(32) },
};
const SIGN_IN = {
  ...{ base: "http://127.0.0.1:2", holder: new Uint8Array(32), destination: "" },
  ...{ fresh: false, userId: "ada" },
};
const GRANT = {
  issuer: "http://127.0.0.1:2",
  authorization: `Basic ${btoa("client:secret")}`,
  address: "127.0.0.1",
  traceId: "0".repeat(32),
} as const;

/** One that keeps its secret in the vault, and that nobody answers for. */
const PROVIDERS = identitySchema.parse({
  providers: [{
    ...{ name: "corp", title: "Corp", issuer: "http://127.0.0.1:2", client_id: "spgov" },
    client_secret: "TOKEN",
  }],
});

/** A request of the API that nobody signed in for. */
const API = {
  token: undefined,
  address: "127.0.0.1",
  params: {},
  query: [],
  body: undefined,
  traceId: "0".repeat(32),
};

/**
 * Each method with arguments that a gateway might try. A method that is added does not compile here until
 * somebody has thought about what it answers.
 */
const CALLS: Readonly<Record<keyof EgressServices, readonly Call[]>> = {
  verifyToken: [() => ["x.y.z", "hook"], () => ["", "mcp"]],
  openLine: [
    (port, token) => [{ ...LINE, token }, port],
    (port, token) => [{ ...LINE, token, userId: "eve" }, port],
    (port) => [LINE, port],
    (port) => [{ ...LINE, token: "TOKEN" }, port],
    (port, token) => [{ ...LINE, token, server: "none" }, port],
    (port, token) => [{ ...LINE, token, server: "TOKEN" }, port],
    (port, token) => [{ ...LINE, token, server: "../github" }, port],
    (port, token) => [
      { ...LINE, token, name: "TOKEN", secrets: { A: "TOKEN" }, environment: { A: "b" } },
      port,
    ],
  ],
  callApi: [
    (_port, token) => [{ ...API, route: "GET /api/v1/secrets", token }],
    () => [{ ...API, route: "GET /api/v1/secrets", caller: { tier: "admin" }, tier: "admin" }],
    () => [{ ...API, route: "GET /api/v1/mcp/servers/:server/logs", params: { server: "github" } }],
    () => [{ ...API, route: "GET /api/v1/users" }],
    () => [{ ...API, route: "constructor" }],
    () => [{}],
    () => [],
  ],
  grant: [
    () => [{
      ...GRANT,
      endpoint: "token",
      parameters: [["grant_type", "client_credentials"], ["resource", "http://127.0.0.1:2/x"]],
    }],
    () => [{ ...GRANT, endpoint: "introspection", parameters: [["token", "TOKEN"]] }],
    () => [{ ...GRANT, endpoint: "secrets", parameters: [["name", "TOKEN"]] }],
  ],
  register: [() => [{
    action: "read",
    issuer: GRANT.issuer,
    clientId: "TOKEN",
    token: "x",
    metadata: {},
  }]],
  jwks: [() => []],
  next: [() => ["TOKEN", "TOKEN"], () => ["TOKEN", undefined]],
  complete: [() => ["TOKEN", FORM, { allow: true }]],
  signInWithPassword: [() => [{ login: "operator", password: "TOKEN" }, ORIGIN]],
  beginPasskeySignIn: [() => [{ host: HOST, holder: new Uint8Array(32) }]],
  signInWithPasskey: [() => [{ host: HOST, holder: new Uint8Array(32) }, "{}", ORIGIN]],
  signInWithLink: [() => ["TOKEN", ORIGIN]],
  changeOwnPassword: [() => [FORM, { current: "", next: "lamp orbit velvet" }, ORIGIN]],
  beginRegistration: [() => [FORM, HOST]],
  finishRegistration: [() => [FORM, HOST, { name: "x", json: "{}" }]],
  removePasskey: [() => [FORM, "TOKEN"]],
  fetchClientMetadata: [() => ["https://127.0.0.1/TOKEN"], () => ["file:///proc/self/environ"]],
  beginFederated: [
    () => [{ ...SIGN_IN, provider: "none" }],
    () => [{ ...SIGN_IN, provider: "corp", base: "https://evil.example" }],
    () => [{ ...SIGN_IN, provider: "corp", userId: "operator" }, FORM],
  ],
  finishFederated: [
    () => [{ ...SIGN_IN, provider: "corp", parameters: [["state", "TOKEN"]] }, "TOKEN", ORIGIN],
  ],
  callScim: [
    (_, token) => [{ ...DIRECTORY, token, path: ["Users"] }],
    () => [{ ...DIRECTORY, token: "x", path: ["secrets", "TOKEN"] }],
  ],
};

/** Names that are served elsewhere, or nowhere. */
const NO_METHODS = [
  ...["start", "stop", "attach", "configure", "configureOAuth", "configureProviders"],
  "startSealing",
  ...["upstreamStatus", "upstreamLogs", "restartUpstream", "status", "logs", "restart"],
  ...["resolve", "vault", "secrets", "getSecret", "reveal", "key", "deriveKey", "sql", "query"],
  ...["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf", "then"],
];

/** Everything in a message as text, bytes in several forms. */
function flatten(data: unknown): string {
  return Deno.inspect(data, { depth: 100, iterableLimit: 1e6, strAbbreviateSize: 1e9 }) +
    JSON.stringify(data, (_key, value) => {
      if (!ArrayBuffer.isView(value)) return value;
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      return [bytes.toString("latin1"), bytes.toString("hex"), bytes.toString("base64")];
    });
}

const PURPOSES = ["token", "seal", "fingerprint", "vault", "oauth"] as const;

/** Looks for values and keys, in every form. */
function watchFor(master: SecretBytes): (text: string) => readonly string[] {
  const secret = (text: string): SecretBytes => new SecretBytes(new TextEncoder().encode(text));
  const bytes = [
    ["master key", master.reveal()] as const,
    ...PURPOSES.map((purpose: KeyPurpose) =>
      [`${purpose} key`, deriveKey(master, purpose).reveal()] as const
    ),
  ];
  const forms = bytes.flatMap(([name, key]) => [
    { name, value: secret(Buffer.from(key).toString("hex")) },
    { name, value: secret(Buffer.from(key).toString("base64").slice(0, 42)) },
    { name, value: secret(Buffer.from(key).toString("latin1")) },
  ]);
  const redactor = createRedactor([
    { name: "TOKEN", value: secret(VALUE) },
    { name: "TOKEN of ada", value: secret(OTHERS) },
    ...forms,
  ]);
  return (text) => redactor.redactText(text).names;
}

/** A line's two ends: what a gateway keeps, on which a child is told to show its environment, and what it sends. */
function openEnd(heard: unknown[]): readonly [mine: MessagePort, theirs: MessagePort] {
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener("message", ({ data }) => void heard.push(data));
  port1.start();
  const message = { jsonrpc: "2.0", id: 1, method: "environment" };
  port1.postMessage({ kind: "message", message });
  return [port1, port2];
}

Deno.test("no message from egress to a gateway carries a value or a key", async () => {
  const servers = [childServer("github", { secrets: { GITHUB_TOKEN: "TOKEN" } })];
  await withEgress(
    { providers: PROVIDERS, servers },
    async ({ set, attach, master, user, token: tokenFor }) => {
      const ada = await user("ada");
      const { token } = await tokenFor(ada, "github");
      await set({ value: VALUE });
      await set({ value: OTHERS, owner: { kind: "user", id: ada } });
      const port = await attach();
      const heard: unknown[] = [];
      port.addEventListener("message", ({ data }) => void heard.push(data));
      port.start();
      const { remote } = connect<Record<string, (...args: unknown[]) => unknown>>(port);
      const lines: MessagePort[] = [];
      const answered: string[] = [];
      for (const [method, calls] of Object.entries(CALLS)) {
        for (const call of calls) {
          const [mine, theirs] = openEnd(heard);
          lines.push(mine);
          const ask = remote[method];
          assert.ok(ask);
          await ask(...call(theirs, token)).then(() => answered.push(method), () => {});
        }
      }
      for (const method of NO_METHODS) {
        const refused = remote[method]?.("TOKEN", "github", "ada");
        if (refused) await assert.rejects(refused, { code: "not_found" }, method);
      }
      // Three lines were opened, and each child answered with its environment.
      assert.equal(answered.filter((method) => method === "openLine").length, 3);
      const end = performance.now() + 30_000;
      const shown = (): number =>
        heard.filter((data) => flatten(data).includes("GITHUB_TOKEN")).length;
      while (shown() < 3) {
        assert.ok(performance.now() < end, heard.map(flatten).join("\n"));
        await pause(20);
      }
      const statuses = heard.map((data) => (data as { value?: { status?: unknown } }).value?.status)
        .filter((status) => typeof status === "number" && status !== 400);
      assert.deepEqual([...new Set(statuses)].sort(), [401, 404], "nobody is let in by a gateway");
      const watch = watchFor(master);
      assert.deepEqual(watch(flatten({ a: [VALUE], b: master.reveal() })), ["TOKEN", "master key"]);
      assert.deepEqual(watch(heard.map(flatten).join("\n")), []);
      assert.match(heard.map(flatten).join("\n"), /GITHUB_TOKEN\W+\[redacted:TOKEN\]/);
      for (const line of lines) {
        line.postMessage({ kind: "close" });
        line.close();
      }
      port.close();
    },
  );
});
