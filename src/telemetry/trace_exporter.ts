import type { Sql } from "../db/mod.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { pause } from "../kernel/pause.ts";
import type { Collector } from "./collector.ts";
import { encodeSpans, type Protocol, type Sender } from "./otlp.ts";
import {
  type Behind,
  findLastBatch,
  listBehind,
  listTracedRows,
  saveCursor,
  startCursors,
} from "./row_store.ts";
import { type SpanRecord, spansOf } from "./span.ts";

export interface TraceExporterOptions {
  readonly sql: Sql;
  readonly collector: Collector;
  readonly sender: Sender;
  readonly protocol: Protocol;
  readonly log: Log;
  /** Milliseconds between looks; default 1,000. */
  readonly everyMs?: number;
}

/** What was sent so far; `waiting` batches of the audit are still to be. */
export interface TraceStats {
  readonly sent: number;
  readonly refused: number;
  readonly waiting: number;
  readonly isFailing: boolean;
}

export interface TraceExporter {
  readonly stats: TraceStats;
  /** Sends until `signal` aborts. Outlives a lost database and a collector that is away. */
  run(signal: AbortSignal): Promise<void>;
}

/** Batches that are read at a time: 5,120 rows at most. What waits longer waits in the database. */
const BATCHES = 20;
const SPANS = 512;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/**
 * Sends the spans of governed calls. They are made from the audit and not where calls are decided: a decision
 * takes no longer for them, and what a collector did not take waits in the database, each chain from its own
 * place on. At least once: after a crash some come again, under the same ids.
 */
export function createTraceExporter(
  { sql, collector, sender, protocol, log, everyMs = 1000 }: TraceExporterOptions,
): TraceExporter {
  let [sent, refused, waiting] = [0, 0, 0];
  let isFailing = false;

  async function round(signal: AbortSignal): Promise<void> {
    await startCursors(sql, sender.instance);
    for (;;) {
      const behind = await listBehind(sql, sender.instance);
      waiting = behind.reduce((sum, { batch, newest }) => sum + newest - batch, 0);
      if (behind.length === 0 || signal.aborted) return;
      for (const chain of behind) await sendChain(chain, signal);
    }
  }

  async function sendChain(chain: Behind, signal: AbortSignal): Promise<void> {
    // Batches arrive meanwhile: what is read ends where the cursor will stand.
    const last = await findLastBatch(sql, chain, BATCHES);
    const spans = (await listTracedRows(sql, chain, last)).flatMap(spansOf);
    for (let at = 0; at < spans.length; at += SPANS) {
      await deliver(spans.slice(at, at + SPANS), signal);
      if (signal.aborted) return;
    }
    await saveCursor(sql, chain.writer, last);
  }

  /** Until it is taken or refused for good, however long that takes. */
  async function deliver(spans: readonly SpanRecord[], signal: AbortSignal): Promise<void> {
    const payload = encodeSpans(spans, sender, protocol);
    for (let wait = FIRST_WAIT_MS; !signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      const delivery = await collector.send("traces", payload, signal);
      if (signal.aborted) return;
      if (delivery.kind === "taken") {
        sent += spans.length - delivery.rejected;
        if (delivery.rejected > 0) refuse(delivery.rejected, delivery.reason);
        return recovered();
      }
      if (delivery.kind === "refused") {
        if (!delivery.tooLarge || spans.length === 1) return refuse(spans.length, delivery.reason);
        const middle = Math.ceil(spans.length / 2);
        await deliver(spans.slice(0, middle), signal);
        return await deliver(spans.slice(middle), signal);
      }
      failed(delivery.reason);
      await pause(delivery.afterMs ?? wait, signal);
    }
  }

  function refuse(count: number, reason: string | undefined): void {
    refused += count;
    log.warn("The collector refused spans for good", { spans: count, reason });
  }

  function failed(reason: string): void {
    if (!isFailing) log.warn("The collector takes no spans; they wait in the audit", { reason });
    isFailing = true;
  }

  function recovered(): void {
    if (isFailing) log.info("The collector takes spans again", { waiting });
    isFailing = false;
  }

  return {
    get stats() {
      return { sent, refused, waiting, isFailing };
    },
    async run(signal) {
      let isUnreadable = false;
      while (!signal.aborted) {
        const problem = await round(signal).then(() => undefined, messageOf);
        if (problem !== undefined && !isUnreadable) {
          log.warn("The audit cannot be read for spans; they wait there", { cause: problem });
        }
        isUnreadable = problem !== undefined;
        await pause(everyMs, signal);
      }
    },
  };
}
