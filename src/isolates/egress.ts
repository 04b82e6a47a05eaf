/// <reference lib="deno.worker" />
import {
  checkHeads,
  createSealer,
  createSigningKey,
  openCheckpoint,
  type Sealer,
  signStatement,
} from "../audit/mod.ts";
import { listen, openPool, type Pool } from "../db/mod.ts";
import type { UpstreamStatus } from "../egress/mod.ts";
import type { IdentityConfig } from "../federation/config/mod.ts";
import { createTokenVerifier } from "../identity/mod.ts";
import { systemClock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { collectGarbage } from "../kernel/memory.ts";
import type { Log } from "../kernel/log.ts";
import { createIsolateLog } from "../kernel/log_isolate.ts";
import type { LogOutbox } from "../kernel/log_outbox.ts";
import { serve } from "../kernel/rpc.ts";
import type { Registry } from "../metrics/mod.ts";
import { Upstreams, type UpstreamSetup } from "../upstream/mod.ts";
import {
  backupKeyOf,
  deriveKey,
  issuerOf,
  loadMasterKey,
  openVault,
  SECRETS_CHANNEL,
  SecretWatch,
  type Vault,
} from "../vault/mod.ts";
import { createIsolateRegistry } from "./isolate_metrics.ts";
import type { EgressApiPart } from "./egress_api.ts";
import { createEgressOAuth, type EgressOAuth } from "./egress_oauth.ts";
import type { JobKeys } from "../jobs/mod.ts";
import type { EgressScim } from "./egress_scim.ts";
import { createEgressFederation, type EgressFederation } from "./egress_federation.ts";
import { createLatePart, type LatePart } from "./late_part.ts";
import type { OAuthSetup } from "./oauth_setup.ts";
import { serveSinkSecrets, type SinkSecretNames } from "./sink_secrets.ts";
import type { EgressApi, EgressServices, EgressStart } from "./protocol.ts";

/** What this isolate holds once it is started. Keys stay in here. */
interface Running {
  readonly sql: Pool;
  readonly secrets: Pool;
  readonly vault: Vault;
  readonly upstreams: Upstreams;
  readonly oauth: EgressOAuth;
  readonly federation: EgressFederation;
  readonly scim: LatePart<EgressScim>;
  readonly api: LatePart<EgressApiPart>;
  watchSecrets(): SecretWatch;
  readonly log: Log;
  readonly outbox: LogOutbox;
  methods(gateway: string): EgressServices;
  readonly jobKeys: JobKeys;
  readonly sealer: Sealer;
  check(): Promise<void>;
}

let running: Running | undefined;
let sealing: Promise<void> | undefined;
let watch: SecretWatch | undefined;
const stopping = new AbortController();
const sealsEnd = new AbortController();

async function start(options: EgressStart): Promise<{ fingerprintKey: Uint8Array }> {
  const { home, instance } = options;
  const { log, outbox } = createIsolateLog("egress", options.logLevels);
  const env = {
    SPGOV_MASTER_KEY: Deno.env.get("SPGOV_MASTER_KEY"),
    CREDENTIALS_DIRECTORY: Deno.env.get("CREDENTIALS_DIRECTORY"),
  };
  const { key: master } = await loadMasterKey({ home, env });
  const verify = createTokenVerifier(deriveKey(master, "token").reveal(), {
    issuer: issuerOf(master),
    clock: systemClock,
  });
  const sql = openPool(options.database, { max: 2, applicationName: "spgov egress" });
  const secrets = openPool(options.vault, { max: 2, applicationName: "spgov egress vault" });
  const checkpoint = openCheckpoint(`${home}/seals`);
  const key = createSigningKey(deriveKey(master, "seal").reveal());
  const vault = openVault(secrets, master);
  const federation = createEgressFederation({
    ...options,
    openVault: vault,
    clock: systemClock,
    log,
  });
  const oauth = createEgressOAuth({
    ...options,
    ...{ log, master },
    clock: systemClock,
    federation: federation.methods,
  });
  const upstreams = new Upstreams(options.upstreams, {
    ...{ vault, log },
    gate: oauth.gate,
    clock: systemClock,
  });
  let { roles } = options.oauth;
  const api = createLatePart(async () =>
    (await import("./egress_api.ts")).createEgressApi({
      ...options,
      ...{ master, verify, log, clock: systemClock },
      roles: () => roles,
      upstreams,
    })
  );
  let identity = options.providers;
  const scim = createLatePart(async () =>
    (await import("./egress_scim.ts")).createEgressScim({
      ...options,
      ...{ verify, log, clock: systemClock },
      roles: () => roles,
      config: () => identity,
    })
  );
  running = {
    sql,
    secrets,
    vault,
    upstreams,
    oauth: {
      ...oauth,
      configure(setup) {
        roles = setup.roles;
        oauth.configure(setup);
      },
    },
    federation: {
      ...federation,
      configure(config) {
        identity = config;
        federation.configure(config);
      },
    },
    api,
    scim,
    watchSecrets: () =>
      new SecretWatch({
        listen: (heard) =>
          listen(options.vault, {
            channel: SECRETS_CHANNEL,
            applicationName: "spgov egress secrets",
            onNotify: heard,
            onReconnect: heard,
          }),
        sql: secrets,
        clock: systemClock,
        log,
        onChange: (names) => upstreams.renewSecrets(names),
      }),
    log,
    outbox,
    sealer: createSealer({ sql, key, checkpoint, clock: systemClock, log, instance }),
    check: () => checkHeads(sql, checkpoint),
    jobKeys: {
      sealPublicKey: () => Promise.resolve(key.publicKey),
      signRetention: (body) => Promise.resolve(signStatement(key, "retention", body)),
      backupKey: (salt) => Promise.resolve(backupKeyOf(master, salt).reveal()),
    },
    methods: (gateway) => ({
      verifyToken: (token, audience) => verify(token, audience as "hook"),
      ...upstreams.methods(gateway),
      ...oauth.methods,
      callApi: async (call) => (await api.get()).methods.callApi(call),
      callScim: async (call) => (await scim.get()).methods.callScim(call),
    }),
  };
  return { fingerprintKey: deriveKey(master, "fingerprint").reveal() };
}

function started(): Running {
  if (!running) throw new AppError("internal", "Egress is not started");
  return running;
}

async function stopSealing(): Promise<void> {
  sealsEnd.abort();
  await sealing;
}

/** How the servers behind it are doing. Their names stand in the configuration. */
function observeUpstreams(registry: Registry): void {
  const read = (value: (status: UpstreamStatus) => number) => () =>
    started().upstreams.status().map((status) => ({
      labels: { server: status.server },
      value: value(status),
    }));
  registry.observe(
    "gauge",
    { name: "spgov.upstream.lines", unit: "{line}", help: "Open lines to a server of tools" },
    read(({ lines }) => lines),
  );
  registry.observe(
    "counter",
    { name: "spgov.upstream.starts", unit: "{start}", help: "Starts of a server of tools" },
    read(({ starts }) => starts),
  );
  registry.observe(
    "counter",
    { name: "spgov.upstream.failures", unit: "{start}", help: "Starts that failed or ended badly" },
    read(({ failures }) => failures),
  );
}

const registry = createIsolateRegistry();
observeUpstreams(registry);

serve<EgressApi>(self as unknown as Worker, {
  start,
  metrics: () => registry.families(),
  attach(port: MessagePort, gateway: string) {
    const { upstreams, methods } = started();
    upstreams.release(gateway);
    serve<EgressServices>(port, methods(gateway));
    port.start();
  },
  attachJobs(port: MessagePort) {
    serve<JobKeys>(port, started().jobKeys);
    port.start();
  },
  configure: (upstreams: UpstreamSetup) => started().upstreams.configure(upstreams),
  configureOAuth: (setup: OAuthSetup) => started().oauth.configure(setup),
  configureProviders: (config: IdentityConfig) => started().federation.configure(config),
  async startSealing() {
    await started().check();
    started().oauth.run(stopping.signal);
    sealing = started().sealer.run(sealsEnd.signal);
    watch = started().watchSecrets();
    collectGarbage();
  },
  stopSealing,
  giveSinkSecrets: (port: MessagePort, names: SinkSecretNames) =>
    serveSinkSecrets(port, started().vault, names),
  useLog: (port: MessagePort) => started().outbox.attach(port),
  async stop() {
    stopping.abort();
    const { upstreams, oauth, federation, scim, api } = running ?? {};
    await Promise.all([
      ...[stopSealing(), watch?.stop()],
      ...[upstreams?.close(), oauth?.close(), federation?.close(), api?.close(), scim?.close()],
    ]);
    await Promise.all([running?.sql.end({ timeout: 1 }), running?.secrets.end({ timeout: 1 })]);
    await running?.outbox.flush();
    running?.outbox.close();
  },
});
