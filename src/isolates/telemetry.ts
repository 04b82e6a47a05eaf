/// <reference lib="deno.worker" />
import { openPool, type Pool } from "../db/mod.ts";
import { systemClock } from "../kernel/clock.ts";
import { createIsolateLog } from "../kernel/log_isolate.ts";
import type { LogOutbox } from "../kernel/log_outbox.ts";
import { collectGarbage } from "../kernel/memory.ts";
import { connect, serve } from "../kernel/rpc.ts";
import { VERSION } from "../kernel/version.ts";
import type { Registry } from "../metrics/mod.ts";
import {
  type Collector,
  createTraceExporter,
  exportMetrics,
  openCollector,
  type TraceExporter,
} from "../telemetry/mod.ts";
import { createIsolateRegistry } from "./isolate_metrics.ts";
import type { MetricsHub } from "./metrics_hub.ts";
import type { TelemetryApi, TelemetryStart } from "./protocol.ts";

interface Running {
  readonly sql: Pool;
  readonly collector: Collector;
  readonly outbox: LogOutbox;
  readonly exports: Promise<unknown>;
}

let running: Running | undefined;
const stopping = new AbortController();
const registry = createIsolateRegistry();

function start({ instance, database, logLevels, setup, metrics }: TelemetryStart): void {
  const { otlp, token, ca } = setup;
  const { log, outbox } = createIsolateLog("telemetry", logLevels);
  const sql = openPool(database, { max: 1, applicationName: "spgov telemetry" });
  const collector = openCollector({
    ...{ endpoint: otlp.endpoint, timeoutMs: otlp.timeout_ms, token, ca },
  });
  const { protocol } = otlp;
  const sender = { serviceName: otlp.service_name, version: VERSION, instance };
  const traces = createTraceExporter({ sql, collector, sender, protocol, log });
  observeTraces(registry, traces);
  metrics.start();
  const { collect } = connect<MetricsHub>(metrics).remote;
  const everyMs = otlp.metrics_every * 1000;
  running = {
    ...{ sql, collector, outbox },
    exports: Promise.all([
      otlp.traces ? traces.run(stopping.signal) : undefined,
      otlp.metrics
        ? exportMetrics(
          { collect, collector, sender, protocol, clock: systemClock, log, everyMs },
          stopping.signal,
        )
        : undefined,
    ]),
  };
  collectGarbage();
}

function observeTraces(registry: Registry, traces: TraceExporter): void {
  registry.observe(
    "counter",
    {
      name: "spgov.telemetry.spans",
      unit: "{span}",
      help: "Spans by what the collector did with them",
    },
    () => [
      { labels: { result: "sent" }, value: traces.stats.sent },
      { labels: { result: "refused" }, value: traces.stats.refused },
    ],
  );
  registry.observe(
    "gauge",
    {
      name: "spgov.telemetry.waiting",
      unit: "{batch}",
      help: "Batches of the audit whose spans are not sent yet",
    },
    () => traces.stats.waiting,
  );
  registry.observe(
    "gauge",
    { name: "spgov.telemetry.failing", unit: "1", help: "1 when the collector takes no spans" },
    () => traces.stats.isFailing ? 1 : 0,
  );
}

serve<TelemetryApi>(self as unknown as Worker, {
  start,
  metrics: () => registry.families(),
  useLog: (port: MessagePort) => running?.outbox.attach(port),
  async stop() {
    stopping.abort();
    if (!running) return;
    const { sql, collector, outbox, exports } = running;
    await exports;
    collector.close();
    await outbox.flush();
    await sql.end({ timeout: 1 });
    outbox.close();
  },
});
