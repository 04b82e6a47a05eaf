import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type Configuration, parseConfiguration, readConfigSources } from "../../src/config/mod.ts";
import { findConfiningHost, writeLauncher } from "../../src/confinement/mod.ts";
import type { IdentityConfig } from "../../src/federation/config/mod.ts";
import { createUser, type IdentityContext, LOCAL_OPERATOR } from "../../src/identity/mod.ts";
import { createIdentityContext } from "../../src/isolates/identity_context.ts";
import type { DocumentsApi } from "../../src/isolates/documents_api.ts";
import { oauthSetupOf } from "../../src/isolates/oauth_setup.ts";
import { computePermissions } from "../../src/isolates/permissions.ts";
import type { EgressApi, EgressServices } from "../../src/isolates/protocol.ts";
import { spawnIsolate } from "../../src/isolates/spawn.ts";
import { assetPath } from "../../src/kernel/assets.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { homeAt } from "../../src/kernel/home.ts";
import { connect, type Remote, serve } from "../../src/kernel/rpc.ts";
import type { Tier } from "../../src/kernel/tiers.ts";
import { createServers, mcpServerSchema } from "../../src/mcp/mod.ts";
import { issueOperatorToken, type OperatorToken, SigningKeys } from "../../src/oauth/mod.ts";
import type { StdioUpstream } from "../../src/upstream/mod.ts";
import { deriveKey, type SecretBytes } from "../../src/vault/mod.ts";
import { newMaster, type VaultWorld, withVault } from "../store/vault_world.ts";

/** The issuer of the tokens of this world. */
export const ISSUER = "http://127.0.0.1:2";

/** The real egress isolate with its permission list, and what a gateway may have: a port, tokens of its callers. */
export interface EgressWorld extends VaultWorld {
  readonly master: SecretBytes;
  /** As the owner of the database. */
  readonly identity: IdentityContext;
  /** A port as a gateway has it. */
  attach(): Promise<MessagePort>;
  /** The same as functions. */
  gateway(): Promise<Remote<EgressServices>>;
  /** A new user, by its id. */
  user(name: string, ...roles: readonly Tier[]): Promise<string>;
  /** An access token of a user for a server, with every scope that the user may hold. */
  token(userId: string, server: string): Promise<OperatorToken>;
}

export interface EgressWorldOptions {
  readonly servers: readonly StdioUpstream[];
  /** What the files of the servers say beside that. */
  readonly rules?: Readonly<Record<string, unknown>>;
  readonly providers?: IdentityConfig;
}

/** Runs `work` with an egress that has these servers behind it. */
export async function withEgress(
  { servers, rules = {}, ...options }: EgressWorldOptions,
  work: (world: EgressWorld) => Promise<void>,
): Promise<void> {
  const master = newMaster();
  const home = await Deno.makeTempDir({ prefix: "spgov-egress-" });
  try {
    const { profilePath, services } = await prepareHome(home, master);
    const parsed = await parseConfiguration(await readConfigSources(profilePath, services));
    assert.ok(parsed.ok);
    const configuration = { ...parsed.value, mcp: servers.map((each) => fileOf(each, rules)) };
    const { launcher } = homeAt(home);
    const host = await findConfiningHost(Deno.env.toObject());
    const plans = await writeLauncher(launcher, servers, host, { base: home, home });
    await withVault(async (world) => {
      const { serve: database, vault, logs } = world.database;
      const where = { home, services, profilePath, database, vault, logs };
      const lists = computePermissions(configuration, {
        ...where,
        address: "127.0.0.1",
        port: 2,
      });
      const egress = spawnIsolate<EgressApi>("egress", "egress", lists.egress);
      const documents = new MessageChannel();
      serve<DocumentsApi>(documents.port2, {
        fetchDocument: () => Promise.resolve({ ok: false, reason: "none" }),
      });
      documents.port2.start();
      try {
        await egress.remote.start({
          ...{
            instance: "test",
            logLevels: { level: "error", modules: {} },
            home,
            database,
            vault,
          },
          upstreams: { servers, launcher, plans },
          oauth: oauthSetupOf(configuration),
          providers: options.providers ?? configuration.identity,
          documents: documents.port1,
        });
        const attach = async () => {
          const { port1, port2 } = new MessageChannel();
          await egress.remote.attach(port1, "gateway-0");
          return port2;
        };
        const ports: MessagePort[] = [];
        await work({
          ...world,
          ...identityOf(world, master, configuration),
          ...{ master, attach },
          async gateway() {
            const port = await attach();
            ports.push(port);
            port.start();
            return connect<EgressServices>(port).remote;
          },
        });
        for (const port of ports) port.close();
        await egress.remote.stop();
      } finally {
        egress.terminate();
        documents.port2.close();
      }
    }, master);
  } finally {
    await Deno.remove(home, { recursive: true });
  }

  function identityOf(
    { sql, serving }: VaultWorld,
    master: SecretBytes,
    configuration: Configuration,
  ): Pick<EgressWorld, "identity" | "user" | "token"> {
    const setup = oauthSetupOf(configuration);
    const identity = createIdentityContext(sql, systemClock, "test");
    const keys = new SigningKeys({
      ...{ sql: serving, clock: systemClock, lifeMs: () => 86_400_000 },
      sealingKey: deriveKey(master, "oauth"),
    });
    return {
      identity,
      async user(name, ...roles) {
        const { id } = await createUser(identity, LOCAL_OPERATOR, {
          ...{ name, email: `${name}@x.test`, roles: roles.length > 0 ? roles : ["user"] },
        });
        return id;
      },
      token: (userId, server) =>
        issueOperatorToken({ ...identity, keys, servers: createServers(setup) }, LOCAL_OPERATOR, {
          ...{ userId, server, issuer: ISSUER, ttlMs: 600_000, clientId: "test" },
        }),
    };
  }
}

/** A home with the master key, a profile and the services that come along. */
async function prepareHome(
  home: string,
  master: SecretBytes,
): Promise<{ readonly profilePath: string; readonly services: string }> {
  for (const folder of ["keys", "seals"]) await Deno.mkdir(`${home}/${folder}`);
  const text = Buffer.from(master.reveal()).toString("base64");
  await Deno.writeTextFile(`${home}/keys/master.key`, text, { mode: 0o600 });
  const profilePath = `${home}/profile.yaml`;
  await Deno.writeTextFile(profilePath, "name: test\n");
  return { profilePath, services: assetPath("services") };
}

function fileOf(
  { name, command, args, secrets, isolation }: StdioUpstream,
  rules: Readonly<Record<string, unknown>>,
) {
  return mcpServerSchema.parse({
    ...{ transport: "stdio", name, command, args, secrets, isolation },
    ...rules,
  });
}
