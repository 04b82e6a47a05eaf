/// <reference lib="deno.worker" />
import { listen, type Listener, openPool, type Pool } from "../db/mod.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import { type Log, type LogLevels, writeToStderr } from "../kernel/log.ts";
import { createIsolateLog } from "../kernel/log_isolate.ts";
import type { LogOutbox } from "../kernel/log_outbox.ts";
import { collectGarbage } from "../kernel/memory.ts";
import { serve } from "../kernel/rpc.ts";
import type { Registry } from "../metrics/mod.ts";
import {
  createLineRedactor,
  LEVELS_CHANNEL,
  listLevelChanges,
  listSinks,
  LogHub,
  mergeLevels,
  RotatingFile,
  type SinkState,
  TableWriter,
} from "../logs/mod.ts";
import { createIsolateRegistry } from "./isolate_metrics.ts";
import { logFilePath, type LogsSetup } from "./logs_setup.ts";
import { createShipping, type Shipping } from "./shipping.ts";
import type { LogsApi, LogsStart } from "./protocol.ts";

interface Running {
  readonly sql: Pool;
  readonly hub: LogHub;
  readonly table: TableWriter;
  readonly outbox: LogOutbox;
  readonly levels: Listener;
  readonly shipping: Shipping;
  configure(setup: LogsSetup): void;
}

const EXPIRY_MS = 10_000;
const LAST_WORDS_MS = 3000;

let running: Running | undefined;
let expiry: ReturnType<typeof setInterval> | undefined;

function start(options: LogsStart): void {
  const { instance, database, home, fingerprintKey } = options;
  let { setup } = options;
  const { log, outbox } = createIsolateLog("logs", configuredLevels(setup));
  const sql = openPool(database, { max: 3, applicationName: "spgov logs" });
  const table = new TableWriter({
    sql,
    writer: `${instance}/logs`,
    // Straight to standard error: in the table it would wait for itself.
    onState: (problem) =>
      writeToStderr(
        `${
          JSON.stringify({
            ts: new Date().toISOString(),
            level: problem === undefined ? "info" : "error",
            module: "logs",
            message: problem === undefined
              ? "The table of log lines can be written again"
              : "The table of log lines cannot be written; lines wait",
            cause: problem,
          })
        }\n`,
      ),
  });
  const hub = new LogHub(
    { ...targetsOf(setup, home, fingerprintKey, log), table },
    configuredLevels(setup),
  );
  const { port1, port2 } = new MessageChannel();
  hub.attach("logs", port1);
  outbox.attach(port2);

  async function readLevels(): Promise<void> {
    try {
      hub.setLevels(mergeLevels(configuredLevels(setup), await listLevelChanges(sql), Date.now()));
    } catch (error) {
      log.debug("The levels that were set cannot be read", { cause: messageOf(error) });
    }
  }
  const levels = listen(database, {
    channel: LEVELS_CHANNEL,
    applicationName: "spgov logs levels",
    onNotify: () => void readLevels(),
    onReconnect: () => void readLevels(),
  });
  void levels.ready.then(readLevels);
  const shipping = createShipping(sql, `${instance}/${crypto.randomUUID()}`, log);
  shipping.configure(setup.log.sinks);
  expiry = setInterval(() => void readLevels(), EXPIRY_MS);
  running = {
    sql,
    hub,
    table,
    outbox,
    levels,
    shipping,
    configure(next) {
      setup = next;
      shipping.configure(next.log.sinks);
      hub.configure(targetsOf(setup, home, fingerprintKey, log));
      void readLevels();
    },
  };
  collectGarbage();
}

function configuredLevels({ log: { level, modules } }: LogsSetup): LogLevels {
  return { level, modules };
}

type Targets = Omit<ConstructorParameters<typeof LogHub>[0], "table">;

function targetsOf(
  { log: config, secrets }: LogsSetup,
  home: string,
  fingerprintKey: Uint8Array,
  log: Log,
): Targets {
  const path = logFilePath(config, home);
  return {
    redact: createLineRedactor(secrets, fingerprintKey),
    print: printerOf(config.console),
    file: config.file && path !== undefined
      ? new RotatingFile({
        path,
        maxBytes: config.file.max_bytes,
        keep: config.file.keep,
        onProblem: (cause) => log.error("The log file cannot be written", { path, cause }),
      })
      : undefined,
    tableLevel: config.table,
  };
}

function printerOf(console: LogsSetup["log"]["console"]): ((text: string) => void) | undefined {
  if (console === "off") return undefined;
  return console === "stderr" ? writeToStderr : writeToStdout;
}

const encoder = new TextEncoder();

function writeToStdout(text: string): void {
  try {
    const bytes = encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  } catch {
    // Nobody reads it any more.
  }
}

function started(): Running {
  if (!running) throw new AppError("internal", "Logs are not started");
  return running;
}

/** What waits for the collectors, and what they took. Their names stand in the profile. */
function observeSinks(registry: Registry): void {
  const read = (value: (sink: SinkState) => number) => async () =>
    (await listSinks(started().sql)).map((sink) => ({
      labels: { sink: sink.name },
      value: value(sink),
    }));
  registry.observe(
    "gauge",
    { name: "spgov.log.sink.waiting", unit: "{item}", help: "Lines and batches a collector lacks" },
    read(({ waiting }) => waiting),
  );
  registry.observe(
    "gauge",
    { name: "spgov.log.sink.failing", unit: "1", help: "1 when a collector takes nothing" },
    read(({ failingSince }) => failingSince === null ? 0 : 1),
  );
}

const registry = createIsolateRegistry();
observeSinks(registry);

serve<LogsApi>(self as unknown as Worker, {
  start,
  metrics: () => registry.families(),
  attach: (name: string, port: MessagePort) => started().hub.attach(name, port),
  configure: (setup: LogsSetup) => started().configure(setup),
  useSecrets: (port: MessagePort) => started().shipping.useSecrets(port),
  async stop() {
    clearInterval(expiry);
    if (!running) return;
    const { sql, hub, table, outbox, levels, shipping } = running;
    await shipping.stop();
    await outbox.flush();
    await hub.close();
    await table.close(LAST_WORDS_MS);
    outbox.close();
    await levels.stop();
    await sql.end({ timeout: 1 });
  },
});
