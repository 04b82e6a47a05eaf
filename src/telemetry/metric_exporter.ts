import type { Clock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { pause } from "../kernel/pause.ts";
import type { Snapshot } from "../metrics/mod.ts";
import type { Collector } from "./collector.ts";
import { encodeMetrics, type Protocol, type Sender } from "./otlp.ts";

export interface MetricExporterOptions {
  /** The numbers of every isolate. */
  readonly collect: () => Promise<readonly Snapshot[]>;
  readonly collector: Collector;
  readonly sender: Sender;
  readonly protocol: Protocol;
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs: number;
}

/**
 * Sends the numbers of every isolate at an interval until `signal` aborts. Counters are sums since the start,
 * so that nothing is kept for a collector that is away: the next ones say it all.
 */
export async function exportMetrics(
  { collect, collector, sender, protocol, clock, log, everyMs }: MetricExporterOptions,
  signal: AbortSignal,
): Promise<void> {
  let isFailing = false;
  async function send(): Promise<string | undefined> {
    const payload = encodeMetrics(await collect(), clock.now(), sender, protocol);
    const delivery = await collector.send("metrics", payload, signal);
    return delivery.kind === "taken" ? undefined : delivery.reason;
  }
  while (!signal.aborted) {
    await pause(everyMs, signal);
    if (signal.aborted) return;
    const reason = await send().catch(messageOf);
    if (reason !== undefined && !isFailing) log.warn("The collector takes no metrics", { reason });
    if (reason === undefined && isFailing) log.info("The collector takes metrics again");
    isFailing = reason !== undefined;
  }
}
