import type { Pool, Sql } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { type Batch, type Entry, type Head, planBatch, type WrittenEntry } from "./batch.ts";
import {
  commitBatch,
  type CommitResult,
  lockWindows,
  retakeHead,
  takeHead,
} from "./batch_store.ts";
import { writeRow, type WrittenRow } from "./chain.ts";
import { causeOf } from "./commit_failure.ts";
import { addedBy, arrivedAt, type Flight, rootBehind, waitersOf } from "./flights.ts";
import { type Committed, rejectAll, unavailable, unsettled, type Waiter } from "./waiter.ts";
import { WindowCache } from "./window_cache.ts";

export interface WriterOptions {
  /** Name of the chain, unique to this isolate of this instance. */
  readonly writer: string;
  /** Opens a dedicated connection; called again after one was lost. */
  readonly connect: () => Pool;
  readonly clock: Clock;
  readonly log: Log;
  readonly maxRows?: number;
  readonly maxBytes?: number;
  /** Calls that may wait; one more is refused at once. */
  readonly maxWaiting?: number;
  /** Milliseconds after which a call that is not durable is refused. */
  readonly deadlineMs?: number;
  /** Called after each transaction: its rows, and the milliseconds that it took. */
  readonly onBatch?: (rows: number, ms: number) => void;
}

/** What the writer did so far; counters only grow. */
export interface WriterStats {
  readonly rows: number;
  readonly batches: number;
  readonly waiting: number;
  readonly shed: number;
  readonly expired: number;
  readonly state: "ready" | "recovering" | "fenced" | "closed";
}

/** A batch that is durable and whose callers wait to be told. `used`: what its windows held before it. */
interface Answer {
  readonly waiters: readonly Waiter[];
  readonly batch: Batch;
  readonly used: Map<string, number>;
}

const SWEEP_MS = 50;
const RETRY_MS = 100;
const BUSY_MS = 20;
/** A statement that is still running this long after its callers gave up has lost its connection. */
const HANG_GRACE_MS = 200;
/** Batches under way at once: the database finds the next one there when it is done with one. */
const MOST_FLIGHTS = 4;
/** Rows that are worth a batch of their own while another one is under way. */
const LEAST_BEHIND = 24;

/**
 * Group commit: entries that arrive while a transaction runs share the next one, which is sent behind it as soon
 * as it is worth it. No timers hold anything back. What `commit()` resolved with is durable.
 */
export class AuditWriter {
  readonly #options: Required<WriterOptions>;
  readonly #windows: WindowCache;
  #epoch: string = crypto.randomUUID();
  readonly #sweeper: ReturnType<typeof setInterval>;
  #connection: Pool;
  #head: Head;
  #lastStamp: number;
  #queue: Waiter[] = [];
  /** Sent and not answered, oldest first: after a lost connection their roots say which arrived. */
  #flights: Flight[] = [];
  /** Nothing may be sent behind what is under way until that has arrived. */
  #isHeld = false;
  /** Who is written again by themselves after a flight failed. */
  #grounded: readonly Waiter[] = [];
  #answers: Answer[] = [];
  #draining: Promise<void> | undefined;
  #state: WriterStats["state"] = "ready";
  #isRefused = false;
  #counts = { rows: 0, batches: 0, shed: 0, expired: 0 };

  private constructor(
    options: Required<WriterOptions>,
    connection: Pool,
    head: Head,
    last: number,
  ) {
    this.#options = options;
    this.#connection = connection;
    this.#head = head;
    this.#lastStamp = last;
    this.#windows = new WindowCache(options.clock);
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  /** Takes the writer's chain over and gets ready to append to it. */
  static async open(options: WriterOptions): Promise<AuditWriter> {
    const all = {
      maxRows: 256,
      maxBytes: 512 * 1024,
      maxWaiting: 512,
      deadlineMs: 1800,
      onBatch: () => {},
      ...options,
    };
    const connection = all.connect();
    const writer = new AuditWriter(all, connection, { n: 0, batch: 0, root: new Uint8Array() }, 0);
    try {
      const head = await takeHead(connection, all.writer, writer.#epoch);
      writer.#head = head;
      writer.#lastStamp = Math.min(head.lastAt, all.clock.now());
      return writer;
    } catch (error) {
      await writer.close();
      throw error;
    }
  }

  get stats(): WriterStats {
    return { ...this.#counts, waiting: this.#queue.length, state: this.#state };
  }

  /** Milliseconds since the epoch for a new row; never less than the one before, whatever the clock does. */
  stamp(): number {
    this.#lastStamp = Math.max(this.#lastStamp, Math.floor(this.#options.clock.now()));
    return this.#lastStamp;
  }

  /**
   * Resolves once the entry's row is durable. Rejects with `unavailable` when that could not be had in
   * time, with `invalid` when the database refuses the row itself.
   */
  commit(entry: Entry): Promise<Committed> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal();
      if (refusal) throw refusal;
      const deadline = this.#options.clock.monotonic() + this.#options.deadlineMs;
      this.#queue.push({ entry: written(entry), deadline, settled: false, resolve, reject });
      this.#draining ??= this.#drain();
      if (this.#flights.length > 0) this.#launch();
    });
  }

  /** Commits what waits, then lets the connection go. */
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    const draining = this.#draining;
    if (this.#state !== "fenced") this.#state = "closed";
    await draining;
    clearInterval(this.#sweeper);
    await this.#connection.end({ timeout: 1 });
  }

  #refusal(): AppError | undefined {
    if (this.#state === "fenced") return takenOver();
    if (this.#state === "closed") return unavailable("The service is stopping");
    if (this.#state === "recovering") return unavailable("The audit database does not answer");
    if (this.#queue.length < this.#options.maxWaiting) return undefined;
    this.#counts.shed++;
    return unavailable("Too many calls wait for the audit");
  }

  async #drain(): Promise<void> {
    await Promise.resolve();
    while (this.#queue.length > 0 || this.#flights.length > 0) {
      this.#launch();
      // Only now: the database works on the next batch while the callers of the one before are told.
      this.#answer();
      await this.#land();
    }
    this.#answer();
    this.#draining = undefined;
  }

  /** Sends what waits: at once where nothing is under way, behind that as soon as it is worth it. */
  #launch(): void {
    while (this.#mayLaunch()) {
      const waiters = this.#queue.slice(0, this.#batchLength());
      const batch = this.#tryPlan(waiters);
      // Refused for what has not arrived yet, it might be refused for nothing.
      if (this.#flights.length > 0 && !batch?.refusedBy.every((charge) => !charge)) {
        this.#isHeld = true;
        return;
      }
      this.#queue.splice(0, waiters.length);
      if (batch) this.#send(this.#connection, waiters, batch);
      else this.#grounded = waiters;
    }
  }

  #mayLaunch(): boolean {
    const { length } = this.#queue;
    if (length === 0 || this.#isHeld || this.#grounded.length > 0) return false;
    return this.#flights.length === 0 ||
      (this.#flights.length < MOST_FLIGHTS && length >= LEAST_BEHIND);
  }

  /** How many waiting entries one batch may hold, by rows and by bytes; at least one. */
  #batchLength(): number {
    let bytes = 0;
    let count = 0;
    for (const waiter of this.#queue) {
      bytes += approximateBytes(waiter.entry.row);
      if (count > 0 && (count >= this.#options.maxRows || bytes > this.#options.maxBytes)) break;
      count++;
    }
    return count;
  }

  /** The batch as it would follow what is under way; undefined when one of its rows cannot be written. */
  #tryPlan(waiters: readonly Waiter[]): Batch | undefined {
    try {
      return this.#plan(waiters, this.#expected());
    } catch {
      return undefined;
    }
  }

  #plan(waiters: readonly Waiter[], usedBefore: (key: string) => number): Batch {
    const root = rootBehind(this.#flights, this.#head);
    return planBatch(waiters.map((waiter) => waiter.entry), { root }, usedBefore);
  }

  /** What windows hold once all that is under way has arrived, as far as it is known. */
  #expected(): (key: string) => number {
    const now = this.#options.clock.monotonic();
    const added = addedBy(this.#flights);
    return (key) => this.#windows.used(key, now) + added(key);
  }

  #send(sql: Sql, waiters: readonly Waiter[], batch: Batch): Flight {
    const root = rootBehind(this.#flights, this.#head);
    const sentAt = this.#options.clock.monotonic();
    const result = commitBatch(sql, this.#options.writer, this.#epoch, { root }, batch);
    // Heard when its turn comes.
    result.catch(() => undefined);
    const flight = { waiters, batch, sentAt, result };
    this.#flights.push(flight);
    return flight;
  }

  /** Waits for the oldest flight. Afterwards each of its callers is refused or due an answer. */
  async #land(): Promise<void> {
    const [flight] = this.#flights;
    if (!flight) {
      await this.#write(this.#grounded);
      this.#grounded = [];
      return;
    }
    try {
      this.#arrive(flight, await flight.result);
    } catch (error) {
      await this.#goAround(error);
    }
  }

  #arrive(flight: Flight, result: CommitResult | undefined): void {
    const { waiters, batch, sentAt } = flight;
    this.#isHeld = false;
    if (!result) {
      const refused = waitersOf(this.#takeFlights());
      this.#fence();
      return rejectAll(refused, takenOver());
    }
    this.#flights.shift();
    this.#moveHead(batch, result);
    this.#options.onBatch(waiters.length, this.#options.clock.monotonic() - sentAt);
    this.#settle({
      waiters,
      batch,
      used: this.#windows.learn(batch.charges, result.windows, sentAt),
    });
  }

  /** After the oldest flight failed: none behind it can arrive. Each is written by itself, in their order. */
  async #goAround(error: unknown): Promise<void> {
    this.#grounded = waitersOf(this.#flights);
    // Those behind may wait for the same thing, each in its turn.
    if (causeOf(error) === "busy") this.#sayRefused(error);
    const results = await Promise.allSettled(this.#flights.map(({ result }) => result));
    const isLost = results.some((result) =>
      result.status === "rejected" && causeOf(result.reason) === "connection"
    );
    const flights = this.#takeFlights();
    if (isLost) await this.#recover(flights);
    for (const [index, { waiters }] of flights.entries()) {
      this.#grounded = waitersOf(flights.slice(index));
      await this.#write(waiters, index === 0 && !isLost ? error : undefined);
      this.#answer();
    }
    this.#grounded = [];
    this.#isHeld = false;
  }

  #takeFlights(): readonly Flight[] {
    return this.#flights.splice(0);
  }

  /**
   * Writes a batch that nothing flies with, or the parts of it that the database takes. `failure`: what it met
   * with before. Every waiter is refused or due an answer.
   */
  async #write(batch: readonly Waiter[], failure?: unknown): Promise<void> {
    let error = failure;
    for (let attempt = 0; attempt < 100; attempt++) {
      if (error !== undefined && causeOf(error) === "poison") {
        return await this.#bisect(batch, error);
      }
      if (error !== undefined) await this.#getOver(error);
      const waiters = unsettled(batch);
      if (waiters.length === 0) return;
      if (this.#state === "fenced") return rejectAll(waiters, takenOver());
      try {
        return await this.#attempt(waiters, error !== undefined);
      } catch (met) {
        error = met;
      }
    }
    rejectAll(batch, unavailable("The audit could not be written"));
  }

  async #getOver(error: unknown): Promise<void> {
    const flights = this.#takeFlights();
    const cause = causeOf(error);
    if (cause === "connection") await this.#recover(flights);
    if (cause === "busy") {
      this.#sayRefused(error);
      await pause(BUSY_MS);
    }
    if (cause === "window") this.#windows.forget();
  }

  /** One try at a batch. With `exact`, the windows are read and locked first instead of remembered. */
  async #attempt(waiters: readonly Waiter[], exact: boolean): Promise<void> {
    const flight = exact
      ? await this.#sendExactly(waiters)
      : this.#send(this.#connection, waiters, this.#plan(waiters, this.#expected()));
    this.#arrive(flight, await flight.result);
  }

  async #sendExactly(waiters: readonly Waiter[]): Promise<Flight> {
    const charges = waiters.flatMap(({ entry }) => entry.charges);
    const keys = [...new Set(charges.map((charge) => charge.key))].sort();
    return await this.#connection.begin(async (sql): Promise<Flight> => {
      const sentAt = this.#options.clock.monotonic();
      const windows = await lockWindows(sql, keys);
      const used = new Map(windows.map((window) => [window.key, window.used]));
      this.#windows.see(windows, sentAt);
      const flight = this.#send(sql, waiters, this.#plan(waiters, (key) => used.get(key) ?? 0));
      await flight.result;
      return flight;
    });
  }

  #moveHead(batch: Batch, result: Pick<CommitResult, "n" | "batch">): void {
    this.#head = { n: result.n, batch: result.batch, root: batch.root };
    this.#counts.rows += batch.rows.length;
    this.#counts.batches++;
    if (this.#isRefused) this.#options.log.info("The database takes audit rows again");
    this.#isRefused = false;
  }

  /** From now on nobody may refuse these callers any more. */
  #settle(answer: Answer): void {
    for (const waiter of answer.waiters) waiter.settled = true;
    this.#answers.push(answer);
  }

  /** Tells the callers of every batch that is durable. */
  #answer(): void {
    const now = this.#options.clock.monotonic();
    for (const { waiters, batch, used } of this.#answers.splice(0)) {
      waiters.forEach(({ entry: { charges }, resolve }, index) => {
        const refusedBy = batch.refusedBy[index];
        if (!refusedBy) {
          for (const { key, amount } of charges) used.set(key, (used.get(key) ?? 0) + amount);
        }
        const windows = charges.map(({ key, cap }) => ({
          key,
          cap,
          remaining: Math.max(0, cap - (used.get(key) ?? this.#windows.used(key, now))),
          resetMs: this.#windows.resetMs(key, now),
        }));
        resolve({ refusedBy, windows });
      });
    }
  }

  /** A failure that may pass, such as a lock or a full disk: said once, until rows are taken again. */
  #sayRefused(error: unknown): void {
    if (!this.#isRefused) {
      this.#options.log.error("The database takes no audit rows", { cause: messageOf(error) });
    }
    this.#isRefused = true;
  }

  /** Finds the rows that the database refuses: halves the batch until one is left, and refuses that one. */
  async #bisect(batch: readonly Waiter[], error: unknown): Promise<void> {
    this.#takeFlights();
    const waiters = unsettled(batch);
    if (waiters.length > 1) {
      const middle = Math.ceil(waiters.length / 2);
      await this.#write(waiters.slice(0, middle));
      this.#answer();
      return await this.#write(waiters.slice(middle));
    }
    this.#options.log.warn("The database refuses an audit row", { cause: messageOf(error) });
    rejectAll(waiters, new AppError("invalid", "The call cannot be recorded", { cause: error }));
  }

  /** After a lost connection: reconnects and asks the head which flights arrived. Those are due their answers. */
  async #recover(flights: readonly Flight[]): Promise<void> {
    const before = this.#state;
    const epoch = crypto.randomUUID();
    this.#options.log.warn("The audit connection is lost", { waiting: this.#queue.length });
    for (let failures = 0; this.#state !== "fenced"; failures++) {
      if (failures > 0 && this.#state === "ready") this.#state = "recovering";
      if (before === "closed" && failures > 20) return;
      try {
        const found = await this.#retakeHead(epoch);
        if (!found) return this.#fence();
        if (this.#state === "recovering") this.#state = "ready";
        this.#windows.forget();
        this.#options.log.info("The audit connection is back", { failures });
        return this.#resume(found, flights);
      } catch (error) {
        this.#options.log.debug("The audit database does not answer", { cause: messageOf(error) });
        await pause(RETRY_MS);
      }
    }
  }

  /** Goes on from the head that was found: what led there has arrived, what did not is sent again. */
  #resume(found: Head, flights: readonly Flight[]): void {
    const arrived = arrivedAt(found.root, flights, this.#head);
    if (arrived === undefined) return this.#fence();
    for (const { batch, waiters } of flights.slice(0, arrived)) {
      this.#moveHead(batch, found);
      this.#settle({ waiters, batch, used: new Map() });
    }
  }

  /**
   * The stored head over a fresh connection; the old one may hang for ever, and what was sent over it may
   * still be on its way: the new epoch keeps that out. Undefined when somebody else has the head.
   */
  async #retakeHead(next: string): Promise<Head | undefined> {
    void this.#connection.end({ timeout: 0 }).catch(() => undefined);
    this.#connection = this.#options.connect();
    const { writer, deadlineMs } = this.#options;
    const { signal, cancel } = deadlineSignal(deadlineMs);
    try {
      const head = await Promise.race([
        // Under `next` already, when an earlier try was taken and only its answer lost.
        retakeHead(this.#connection, writer, [this.#epoch, next], next),
        signal,
      ]);
      if (head) this.#epoch = next;
      return head;
    } finally {
      cancel();
    }
  }

  #fence(): void {
    if (this.#state !== "fenced") {
      this.#options.log.error(
        "Another process took this audit chain over; nothing is allowed any more",
        {
          writer: this.#options.writer,
        },
      );
    }
    this.#state = "fenced";
  }

  /** Refuses who waited too long, and gives up a connection that no longer answers. */
  #sweep(): void {
    this.#windows.sweep();
    const now = this.#options.clock.monotonic();
    const late = (waiter: Waiter) => !waiter.settled && waiter.deadline <= now;
    const underWay = [...this.#grounded, ...waitersOf(this.#flights)];
    const expired = [...underWay, ...this.#queue].filter(late);
    rejectAll(expired, unavailable("The audit database did not answer in time"));
    this.#counts.expired += expired.length;
    if (expired.length > 0) this.#queue = this.#queue.filter((waiter) => !waiter.settled);
    const hung = underWay.some((waiter) => waiter.deadline + HANG_GRACE_MS <= now);
    if (hung && this.#state === "ready") {
      void this.#connection.end({ timeout: 0 }).catch(() => undefined);
    }
  }
}

function takenOver(): AppError {
  return unavailable("Another process took the audit over");
}

function written(entry: Entry): WrittenEntry {
  try {
    return { ...entry, row: writeRow(entry.row) };
  } catch (error) {
    throw new AppError("invalid", "The call cannot be recorded", { cause: error });
  }
}

/** What a row adds to a statement, roughly: its detail, and some 400 bytes of names and identifiers. */
function approximateBytes({ detail }: WrittenRow): number {
  return 400 + detail.length;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A promise that rejects after `ms` unless cancelled. */
function deadlineSignal(ms: number): { signal: Promise<never>; cancel: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("deadline passed")), ms);
  return { signal: promise, cancel: () => clearTimeout(timer) };
}
