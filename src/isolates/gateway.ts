/// <reference lib="deno.worker" />
import { AuditWriter, createTrailingWriter, findDecisionOfTask } from "../audit/mod.ts";
import { openPool, openSingle } from "../db/mod.ts";
import { compileRules, createGovernor, type Rules } from "../governance/mod.ts";
import {
  answerHandedOver,
  type Authentication,
  baseUrlOf,
  createCallLinks,
  createHandler,
  type HttpDependencies,
  type Listener,
  listenOn,
  trustedProxies,
} from "../http/mod.ts";
import {
  AddressBans,
  type Authenticated,
  Authenticator,
  type AuthFailure,
  Gate,
  listenForRevocations,
  SessionUses,
  together,
} from "../identity/mod.ts";
import { systemClock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { createFailureLimiter } from "../kernel/failure_limiter.ts";
import { inTime } from "../kernel/in_time.ts";
import { createIsolateLog } from "../kernel/log_isolate.ts";
import { formatPrometheus, type Registry } from "../metrics/mod.ts";
import { collectGarbage } from "../kernel/memory.ts";
import { connect, serve } from "../kernel/rpc.ts";
import { createGatewayApi } from "./gateway_api.ts";
import { logged } from "./logged_governor.ts";
import { startGatewayMcp } from "./gateway_mcp.ts";
import type { GatewayConfiguration } from "./gateway_configuration.ts";
import { createGatewayOAuth } from "./gateway_oauth.ts";
import { countBatches, observeGateway } from "./gateway_metrics.ts";
import { measured } from "./governor_metrics.ts";
import { createIsolateRegistry } from "./isolate_metrics.ts";
import type { MetricsHub } from "./metrics_hub.ts";
import { createPages, peopleOf } from "./pages.ts";
import { createPeers } from "./peers.ts";
import type { EgressServices, GatewayApi, GatewayStart, GatewayStats } from "./protocol.ts";

interface Running {
  readonly listener: Listener;
  reload(configuration: GatewayConfiguration): Promise<void>;
  useEgress(port: MessagePort): void;
  addPeer(index: number, port: MessagePort): void;
  useLog(port: MessagePort): void;
  stats(): GatewayStats;
  readonly registry: Registry;
  stop(): Promise<void>;
}

interface EgressLine extends EgressServices {
  close(): void;
}

/** Milliseconds that a group of many thousands may take to change. */
const SCIM_MS = 25_000;

let running: Running | undefined;

async function start(options: GatewayStart): Promise<{ port: number }> {
  const { index, instance, database, fingerprintKey } = options;
  const name = `gateway-${index}`;
  const { log, outbox } = createIsolateLog(name, options.logLevels);
  const clock = systemClock;
  let configuration = options.configuration;
  let rules: Rules = await compile(configuration, fingerprintKey);
  let requests = 0;
  let reloads = 0;
  const registry = createIsolateRegistry();
  options.metrics.start();
  const hub = connect<MetricsHub>(options.metrics).remote;

  const sql = openPool(database, {
    max: 4,
    applicationName: `spgov ${name}`,
    // Whoever asked has given up by then: a slow look-up must not keep others from being let in.
    statementTimeoutMs: 2000,
  });
  // Lists may be slow: they must not take the connections that let callers in.
  const apiSql = openPool(database, {
    max: 2,
    applicationName: `spgov ${name} api`,
    statementTimeoutMs: 5000,
    idleTimeoutSeconds: 60,
  });
  const writer = await AuditWriter.open({
    writer: `${instance}/${name}`,
    connect: () => openSingle(database, { applicationName: `spgov ${name} audit` }),
    clock,
    log,
    onBatch: countBatches(registry),
  });
  let egress = connectEgress(options.egress);
  const authenticator = new Authenticator({
    verify: (token, audience) => egress.verifyToken(token, audience),
    sql,
    clock,
  });
  const bans = new AddressBans({ sql, clock });
  const uses = new SessionUses(sql, clock);
  const gate = new Gate(authenticator, bans, uses);
  const oauth = createGatewayOAuth({
    ...{ sql, clock, bans, uses, port: options.port },
    configuration: () => configuration,
    egress: () => egress,
  });
  const keeper = together([gate, oauth.gate]);
  const revocations = listenForRevocations(database, keeper, `spgov ${name} revocations`);
  await revocations.ready;

  const failures = createFailureLimiter(clock);
  const governor = logged(
    measured(
      createGovernor({ rules: () => rules, ledger: createTrailingWriter(writer) }),
      registry,
    ),
    log,
  );
  observeGateway(registry, {
    writer,
    requests: () => requests,
    unrecordedFailures: () => failures.unrecorded,
  });
  const stats = (): GatewayStats => ({
    ...writer.stats,
    requests,
    heapBytes: Deno.memoryUsage().heapUsed,
  });
  const { server } = configuration.profile;
  const pages = createPages({
    sql,
    clock,
    log,
    writer: `${instance}/${name}/people`,
    interactions: oauth.dependencies.interactions,
    people: peopleOf(() => egress),
    federation: { list: () => configuration.providers },
    baseOf: (request) => baseUrlOf(request, { publicUrl: server.public_url, port: options.port }),
    isBanned: (address) => bans.ask(address),
  });
  const mcp = startGatewayMcp({
    index,
    database,
    sql,
    log,
    governor,
    rules: () => rules,
    configuration: () => configuration,
    openLine: (request, line) => egress.openLine(request, line),
  });
  const peers = createPeers((endpoint, request, body, env) =>
    answerHandedOver(dependencies, endpoint, request, body, env)
  );
  const dependencies: HttpDependencies = {
    governor,
    oauth: oauth.dependencies,
    links: createCallLinks((sessionId, taskId) =>
      findDecisionOfTask(sql, sessionId, taskId, clock.now())
    ),
    authenticate: (token, address) =>
      gate.cached(token, "hook", address) ??
        gate.admit(token, "hook", address).then(authenticationOf),
    onAllow: () => configuration.governance.hooks.hooks.on_allow,
    mayRecordFailure: (address) => failures.mayRecord(address),
    notReady: () => writer.stats.state === "ready" ? undefined : "The audit cannot be written",
    metrics: async () => formatPrometheus(await hub.collect()),
    ...createGatewayApi({
      gate,
      sql: apiSql,
      clock,
      log,
      configuration: () => configuration,
      egress: () => egress,
    }),
    directory: {
      callScim: (call) => inTime(egress.callScim(call), SCIM_MS, "Egress does not answer in time"),
    },
    scimBaseOf: (request) =>
      baseUrlOf(request, {
        publicUrl: configuration.profile.server.public_url,
        port: listener.port,
      }),
    mcp,
    base: () => ({ publicUrl: configuration.profile.server.public_url, port: listener.port }),
    authenticateResource: oauth.dependencies.authenticate,
    handOver: peers.handOver,
  };
  const handle = createHandler(dependencies, pages);
  const listener = await listenOn({
    address: options.address,
    port: options.port,
    kind: server.listener,
    maxConnections: server.max_connections,
    trustedProxies: trustedProxies(server.trusted_proxies),
  }, (request, env) => {
    requests++;
    return handle(request, env);
  });

  running = {
    listener,
    stats,
    registry,
    async reload(next) {
      const reload = ++reloads;
      const compiled = await compile(next, fingerprintKey);
      // The newest wins, whichever was compiled first.
      if (reload !== reloads) return;
      rules = compiled;
      configuration = next;
      log.info("The configuration is in force", { revision: next.revision });
    },
    useEgress(port) {
      egress.close();
      egress = connectEgress(port);
      mcp.upstreamsLost();
    },
    addPeer: peers.add,
    useLog: (port) => outbox.attach(port),
    async stop() {
      // First what streams as long as its client listens: the listener waits for it.
      await mcp.close();
      await listener.close();
      peers.close();
      await revocations.stop();
      await writer.close();
      await uses.close();
      await Promise.all([sql.end({ timeout: 1 }), apiSql.end({ timeout: 1 })]);
      egress.close();
      options.metrics.close();
      await outbox.flush();
      outbox.close();
    },
  };
  collectGarbage();
  return { port: listener.port };
}

function authenticationOf(who: Authenticated | AuthFailure): Authentication {
  if (who.ok) return who;
  const kind = who.kind === "unavailable" ? "unavailable" : "refused";
  const { claims } = who;
  const holder = claims &&
    { userId: claims.sub, sessionId: claims.sid, clientId: claims.client_id };
  return { ok: false, kind, rule: who.rule, reason: who.reason, ...holder && { holder } };
}

/** The line to egress; what is under way when it is closed fails. */
function connectEgress(port: MessagePort): EgressLine {
  port.start();
  const { remote, abort } = connect<EgressServices>(port);
  return {
    verifyToken: remote.verifyToken,
    grant: remote.grant,
    register: remote.register,
    jwks: remote.jwks,
    fetchClientMetadata: remote.fetchClientMetadata,
    beginFederated: remote.beginFederated,
    finishFederated: remote.finishFederated,
    openLine: remote.openLine,
    callApi: remote.callApi,
    callScim: remote.callScim,
    next: remote.next,
    complete: remote.complete,
    signInWithPassword: remote.signInWithPassword,
    beginPasskeySignIn: remote.beginPasskeySignIn,
    signInWithPasskey: remote.signInWithPasskey,
    signInWithLink: remote.signInWithLink,
    changeOwnPassword: remote.changeOwnPassword,
    beginRegistration: remote.beginRegistration,
    finishRegistration: remote.finishRegistration,
    removePasskey: remote.removePasskey,
    close() {
      abort("Egress was closed");
      port.close();
    },
  };
}

function compile(configuration: GatewayConfiguration, fingerprintKey: Uint8Array): Promise<Rules> {
  return compileRules(configuration.governance, configuration.revision, fingerprintKey);
}

function started(): Running {
  if (!running) throw new AppError("internal", "The gateway is not started");
  return running;
}

serve<GatewayApi>(self as unknown as Worker, {
  start,
  reload: (configuration: GatewayConfiguration) => started().reload(configuration),
  useEgress: (port: MessagePort) => started().useEgress(port),
  addPeer: (index: number, port: MessagePort) => started().addPeer(index, port),
  useLog: (port: MessagePort) => started().useLog(port),
  stats: () => started().stats(),
  metrics: () => started().registry.families(),
  stop: async () => await running?.stop(),
});
