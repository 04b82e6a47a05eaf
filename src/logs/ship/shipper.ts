import type { Pool } from "../../db/mod.ts";
import { messageOf } from "../../kernel/errors.ts";
import { harmlessJson, type Log } from "../../kernel/log.ts";
import { pause } from "../../kernel/pause.ts";
import type { LogSinkConfig } from "../../profile/mod.ts";
import { levelsFrom } from "../line.ts";
import {
  addSink,
  beginSource,
  moveCursors,
  noteFailure,
  releaseLease,
  takeLease,
} from "./cursor_store.ts";
import { idOf } from "./event.ts";
import { type EventPage, PageReader } from "./pages.ts";
import { type Refusal, type Sink, SinkFailure } from "./sink.ts";

export interface ShipperOptions {
  readonly sql: Pool;
  readonly config: LogSinkConfig;
  readonly sink: Sink;
  /** Unique to this process: names it while it sends. */
  readonly holder: string;
  readonly log: Log;
  readonly leaseMs?: number;
  /** Milliseconds between looks while there is nothing to send. */
  readonly idleMs?: number;
  readonly firstRetryMs?: number;
}

const SLOWEST_RETRY_MS = 30_000;

/**
 * Sends events to one collector, in the order of each writer, each at least once: its cursor in the database
 * moves when the collector has taken a page. What it cannot take now stays where it is, in the database; in
 * memory there is one page at a time. One replica sends, the one that holds the lease.
 */
export class Shipper {
  readonly #options: Required<ShipperOptions>;
  readonly #pages: PageReader;
  #failing: string | undefined;
  /** Whether the lease was last known to be held. */
  #holds = false;

  constructor(options: ShipperOptions) {
    this.#options = { leaseMs: 15_000, idleMs: 1000, firstRetryMs: 500, ...options };
    const { name, sources, level, batch } = options.config;
    this.#pages = new PageReader({
      sink: name,
      sources,
      levels: levelsFrom(level),
      limit: batch,
    });
  }

  /** Sends until `signal` aborts; then lets the lease go. */
  async run(signal: AbortSignal): Promise<void> {
    const { sql, config: { name }, sink, holder, idleMs, firstRetryMs, leaseMs } = this.#options;
    const renewing = setInterval(() => void this.#renew(), leaseMs / 3);
    let wait = firstRetryMs;
    let begun = false;
    try {
      while (!signal.aborted) {
        try {
          begun ||= await this.#begin();
          const sent = await this.#takeLease() ? await this.#sendPage(signal) : 0;
          wait = firstRetryMs;
          if (sent === 0) await pause(idleMs, signal);
        } catch (error) {
          if (signal.aborted) break;
          await this.#failed(error);
          const said = error instanceof SinkFailure ? error.waitMs ?? 0 : 0;
          await pause(Math.max(said, wait * (0.75 + Math.random() / 2)), signal);
          wait = Math.min(wait * 2, SLOWEST_RETRY_MS);
        }
      }
    } finally {
      clearInterval(renewing);
      sink.close();
      this.#holds = false;
      await releaseLease(sql, name, holder).catch(() => undefined);
    }
  }

  async #begin(): Promise<true> {
    const { sql, config: { name, sources, start } } = this.#options;
    await addSink(sql, name);
    for (const source of sources) await beginSource(sql, name, source, start);
    return true;
  }

  async #takeLease(): Promise<boolean> {
    const { sql, config: { name, sources }, holder, leaseMs } = this.#options;
    const hasLines = sources.includes("logs");
    this.#holds = await takeLease(sql, { sink: name, holder, leaseMs, hasLines });
    return this.#holds;
  }

  /** Keeps the lease while a request takes long. */
  async #renew(): Promise<void> {
    if (this.#holds) await this.#takeLease().catch(() => undefined);
  }

  /** Answers how many events there were; cursors also move past what is not wanted. */
  async #sendPage(signal: AbortSignal): Promise<number> {
    const { sql, sink } = this.#options;
    const page = await this.#pages.read(sql);
    if (page.cursors.length === 0) return 0;
    const refusals = page.events.length === 0 ? [] : await sink.send(page.events, signal);
    await this.#taken(page, refusals);
    return page.cursors.length;
  }

  async #taken({ events, cursors }: EventPage, refusals: readonly Refusal[]): Promise<void> {
    const { sql, config: { name }, holder, log } = this.#options;
    const refused = refusals.reduce((sum, { count }) => sum + count, 0);
    const kept = await moveCursors(sql, {
      sink: name,
      holder,
      cursors,
      delivered: events.length - refused,
      refused,
      refusals: refusals.flatMap(({ event, reason }) =>
        event ? [{ source: event.source, eventId: idOf(event), reason }] : []
      ),
    });
    // Another one took over meanwhile: it sends the page again.
    if (!kept) return;
    if (refused > 0) {
      const [first] = refusals;
      log.warn("A collector refuses events", { sink: name, refused, reason: first?.reason });
    }
    if (this.#failing !== undefined && events.length > 0) {
      log.info("A collector takes events again", { sink: name });
      this.#failing = undefined;
    }
  }

  async #failed(error: unknown): Promise<void> {
    const { sql, config: { name }, log } = this.#options;
    const cause = harmlessJson(messageOf(error)).replaceAll("\0", "").slice(0, 500);
    if (this.#failing === undefined) {
      log.warn("A collector takes no events; they wait", { sink: name, cause });
    }
    if (this.#failing !== cause) await noteFailure(sql, name, cause).catch(() => undefined);
    this.#failing = cause;
  }
}
