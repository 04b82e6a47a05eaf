/**
 * A gateway cannot obtain a value or a key by any message: the real egress isolate, asked everything that it
 * answers and more, by somebody who holds a gateway's port.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { parseConfiguration, readConfigSources } from "../../src/config/mod.ts";
import { findConfiningHost, writeLauncher } from "../../src/confinement/mod.ts";
import type { EgressMethods } from "../../src/egress/mod.ts";
import type { VerifyResult } from "../../src/identity/mod.ts";
import type { DocumentsApi } from "../../src/isolates/documents_api.ts";
import { oauthSetupOf } from "../../src/isolates/oauth_setup.ts";
import { computePermissions } from "../../src/isolates/permissions.ts";
import type { EgressApi } from "../../src/isolates/protocol.ts";
import { spawnIsolate } from "../../src/isolates/spawn.ts";
import { assetPath } from "../../src/kernel/assets.ts";
import { homeAt } from "../../src/kernel/home.ts";
import { pause } from "../../src/kernel/pause.ts";
import { connect, serve } from "../../src/kernel/rpc.ts";
import { createRedactor, deriveKey, type KeyPurpose, SecretBytes } from "../../src/vault/mod.ts";
import { newMaster, type VaultWorld, withVault } from "../store/vault_world.ts";
import { childServer } from "../support/upstream_world.ts";

const VALUE = "ghp_Canary7391xYz-of-everybody";
const OTHERS = "ghp_Canary8820aBc-of-ada";

type Methods = EgressMethods<VerifyResult>;
type Call = (port: MessagePort) => readonly unknown[];

const LINE = { server: "github", key: "k", userId: "ada", department: undefined };
const GRANT = {
  issuer: "http://127.0.0.1:2",
  authorization: `Basic ${btoa("client:secret")}`,
  address: "127.0.0.1",
  traceId: "0".repeat(32),
} as const;

/**
 * Each method with arguments that a gateway might try. A method that is added does not compile here until
 * somebody has thought about what it answers.
 */
const CALLS: Readonly<Record<keyof Methods, readonly Call[]>> = {
  verifyToken: [() => ["x.y.z", "hook"], () => ["", "mcp"]],
  openLine: [
    (port) => [LINE, port],
    (port) => [{ ...LINE, userId: "eve" }, port],
    (port) => [{ ...LINE, server: "none" }, port],
    (port) => [{ ...LINE, server: "TOKEN" }, port],
    (port) => [{ ...LINE, server: "../github" }, port],
    (port) => [{ ...LINE, name: "TOKEN", secrets: { A: "TOKEN" }, environment: { A: "b" } }, port],
  ],
  upstreamStatus: [() => []],
  upstreamLogs: [() => ["github"], () => ["none"]],
  restartUpstream: [() => ["none"]],
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
  fetchClientMetadata: [() => ["https://127.0.0.1/TOKEN"], () => ["file:///proc/self/environ"]],
};

/** Names that are served elsewhere, or nowhere. */
const NO_METHODS = [
  ...["start", "stop", "attach", "configure", "configureOAuth", "startSealing"],
  ...["resolve", "vault", "secrets", "getSecret", "reveal", "key", "deriveKey", "sql", "query"],
  ...["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf", "then"],
];

interface World extends VaultWorld {
  readonly master: SecretBytes;
  /** A port as a gateway has it. */
  attach(): Promise<MessagePort>;
}

async function withEgress(work: (world: World) => Promise<void>): Promise<void> {
  const master = newMaster();
  const home = await Deno.makeTempDir({ prefix: "spgov-egress-" });
  for (const folder of ["keys", "seals"]) await Deno.mkdir(`${home}/${folder}`);
  const text = Buffer.from(master.reveal()).toString("base64");
  await Deno.writeTextFile(`${home}/keys/master.key`, text, { mode: 0o600 });
  const profilePath = `${home}/profile.yaml`;
  await Deno.writeTextFile(profilePath, "name: test\n");
  const services = assetPath("services");
  const parsed = await parseConfiguration(await readConfigSources(profilePath, services));
  assert.ok(parsed.ok);
  const { launcher } = homeAt(home);
  const servers = [childServer("github", { secrets: { GITHUB_TOKEN: "TOKEN" } })];
  const host = await findConfiningHost(Deno.env.toObject());
  const plans = await writeLauncher(launcher, servers, host, { base: home, home });
  try {
    await withVault(async (world) => {
      const { serve: database, vault } = world.database;
      const where = { home, services, profilePath, database, vault };
      const lists = computePermissions(parsed.value, { ...where, address: "127.0.0.1", port: 2 });
      const egress = spawnIsolate<EgressApi>("egress", "egress", lists.egress);
      const documents = new MessageChannel();
      serve<DocumentsApi>(documents.port2, {
        fetchDocument: () => Promise.resolve({ ok: false, reason: "none" }),
      });
      documents.port2.start();
      try {
        await egress.remote.start({
          instance: "test",
          logLevel: "error",
          home,
          database,
          vault,
          upstreams: { servers, launcher, plans },
          oauth: oauthSetupOf(parsed.value),
          documents: documents.port1,
        });
        await work({
          ...world,
          master,
          async attach() {
            const { port1, port2 } = new MessageChannel();
            await egress.remote.attach(port1, "gateway-0");
            return port2;
          },
        });
        await egress.remote.stop();
      } finally {
        egress.terminate();
        documents.port2.close();
      }
    }, master);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

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
  await withEgress(async ({ set, attach, master }) => {
    await set({ value: VALUE });
    await set({ value: OTHERS, owner: { kind: "user", id: "ada" } });
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
        await ask(...call(theirs)).then(() => answered.push(method), () => {});
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
    const watch = watchFor(master);
    assert.deepEqual(watch(flatten({ a: [VALUE], b: master.reveal() })), ["TOKEN", "master key"]);
    assert.deepEqual(watch(heard.map(flatten).join("\n")), []);
    assert.match(heard.map(flatten).join("\n"), /GITHUB_TOKEN\W+\[redacted:TOKEN\]/);
    for (const line of lines) {
      line.postMessage({ kind: "close" });
      line.close();
    }
    port.close();
  });
});
