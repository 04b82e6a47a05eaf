import type { Pool } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import {
  type Batch,
  type Charge,
  type Entry,
  type Head,
  planBatch,
  type WrittenEntry,
} from "./batch.ts";
import {
  commitBatch,
  type CommitResult,
  lockWindows,
  retakeHead,
  takeHead,
  WINDOW_CONSTRAINT,
} from "./batch_store.ts";
import { writeRow, type WrittenRow } from "./chain.ts";
import { WindowCache } from "./window_cache.ts";

/** An entry that is durable: the charge that refused it, if one did, and its windows afterwards. */
export interface Committed {
  readonly refusedBy: Charge | undefined;
  readonly windows: readonly WindowRoom[];
}

/** A window as a caller is told of it. */
export interface WindowRoom {
  readonly key: string;
  readonly cap: number;
  readonly remaining: number;
  readonly resetMs: number;
}

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

interface Waiter {
  readonly entry: WrittenEntry;
  readonly deadline: number;
  settled: boolean;
  resolve(committed: Committed): void;
  reject(error: AppError): void;
}

/** A batch that is durable and whose callers wait to be told. `used`: what its windows held before it. */
interface Answer {
  readonly waiters: readonly Waiter[];
  readonly batch: Batch;
  readonly used: Map<string, number>;
}

const SWEEP_MS = 50;
const RETRY_MS = 100;
/** A statement that is still running this long after its callers gave up has lost its connection. */
const HANG_GRACE_MS = 200;

/**
 * Group commit: entries that arrive while a transaction runs share the next one. One batch is in flight;
 * no timers hold anything back. What `commit()` resolved with is durable.
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
  #inFlight: readonly Waiter[] = [];
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
    if (this.#state === "fenced") return unavailable("Another process took the audit over");
    if (this.#state === "closed") return unavailable("The service is stopping");
    if (this.#state === "recovering") return unavailable("The audit database does not answer");
    if (this.#queue.length < this.#options.maxWaiting) return undefined;
    this.#counts.shed++;
    return unavailable("Too many calls wait for the audit");
  }

  async #drain(): Promise<void> {
    await Promise.resolve();
    while (this.#queue.length > 0) {
      this.#inFlight = this.#takeBatch();
      const settled = this.#write(this.#inFlight);
      // Only now: the database works on the next batch while the callers of the one before are told.
      this.#answer();
      await settled;
    }
    this.#inFlight = [];
    this.#answer();
    this.#draining = undefined;
  }

  /** As many waiting entries as one batch may hold, by rows and by bytes; at least one. */
  #takeBatch(): readonly Waiter[] {
    let bytes = 0;
    let count = 0;
    for (const waiter of this.#queue) {
      bytes += approximateBytes(waiter.entry.row);
      if (count > 0 && (count >= this.#options.maxRows || bytes > this.#options.maxBytes)) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  /** Writes a batch, or the parts of it that the database takes. Every waiter is refused or due an answer. */
  async #write(batch: readonly Waiter[]): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt++) {
      const waiters = batch.filter((waiter) => !waiter.settled);
      if (waiters.length === 0) return;
      try {
        return await this.#attempt(waiters, attempt > 0);
      } catch (error) {
        const cause = causeOf(error);
        if (cause === "poison") return await this.#bisect(waiters, error);
        if (cause === "connection" && await this.#recover(waiters)) return;
        if (this.#state === "fenced") {
          return rejectAll(waiters, unavailable("Another process took the audit over"));
        }
        if (cause === "busy") await this.#waitFor(error);
        if (cause === "window") this.#windows.forget();
      }
    }
    rejectAll(batch, unavailable("The audit could not be written"));
  }

  /** One try at a batch. With `exact`, the windows are read and locked first instead of remembered. */
  async #attempt(waiters: readonly Waiter[], exact: boolean): Promise<void> {
    const entries = waiters.map((waiter) => waiter.entry);
    const sentAt = this.#options.clock.monotonic();
    const { batch, result } = exact
      ? await this.#commitExactly(entries)
      : await this.#commitPredicted(entries);
    if (!result) {
      this.#fence();
      return rejectAll(waiters, unavailable("Another process took the audit over"));
    }
    this.#moveHead(batch, result);
    const { clock, onBatch } = this.#options;
    onBatch(waiters.length, clock.monotonic() - sentAt);
    const used = this.#windows.learn(batch.charges, result.windows, sentAt);
    this.#settle({ waiters, batch, used });
  }

  async #commitPredicted(entries: readonly WrittenEntry[]): Promise<Attempted> {
    const now = this.#options.clock.monotonic();
    const batch = planBatch(entries, this.#head, (key) => this.#windows.used(key, now));
    this.#pending = batch;
    const result = await commitBatch(
      this.#connection,
      this.#options.writer,
      this.#epoch,
      this.#head,
      batch,
    );
    return { batch, result };
  }

  async #commitExactly(entries: readonly WrittenEntry[]): Promise<Attempted> {
    const keys = [
      ...new Set(entries.flatMap((entry) => entry.charges.map((charge) => charge.key))),
    ];
    return await this.#connection.begin(async (sql): Promise<Attempted> => {
      const sentAt = this.#options.clock.monotonic();
      const windows = await lockWindows(sql, keys.sort());
      const used = new Map(windows.map((window) => [window.key, window.used]));
      const batch = planBatch(entries, this.#head, (key) => used.get(key) ?? 0);
      this.#windows.see(windows, sentAt);
      this.#pending = batch;
      const result = await commitBatch(sql, this.#options.writer, this.#epoch, this.#head, batch);
      return { batch, result };
    });
  }

  /** The batch that is on its way: after a lost connection its root says whether it arrived. */
  #pending: Batch | undefined;

  #moveHead(batch: Batch, result: Pick<CommitResult, "n" | "batch">): void {
    this.#head = { n: result.n, batch: result.batch, root: batch.root };
    this.#counts.rows += batch.rows.length;
    this.#counts.batches++;
    this.#pending = undefined;
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

  /** After a failure that may pass, such as a lock or a full disk: said once, until rows are taken again. */
  async #waitFor(error: unknown): Promise<void> {
    if (!this.#isRefused) {
      this.#options.log.error("The database takes no audit rows", { cause: messageOf(error) });
    }
    this.#isRefused = true;
    await pause(20);
  }

  /** Finds the rows that the database refuses: halves the batch until one is left, and refuses that one. */
  async #bisect(waiters: readonly Waiter[], error: unknown): Promise<void> {
    if (waiters.length > 1) {
      const middle = Math.ceil(waiters.length / 2);
      await this.#write(waiters.slice(0, middle));
      this.#answer();
      return await this.#write(waiters.slice(middle));
    }
    this.#options.log.warn("The database refuses an audit row", { cause: messageOf(error) });
    rejectAll(waiters, new AppError("invalid", "The call cannot be recorded", { cause: error }));
  }

  /**
   * After a lost connection: reconnects and asks the head whether the pending batch is in. True when it
   * is and its waiters are answered; false when it is not and has to be sent again.
   */
  async #recover(waiters: readonly Waiter[]): Promise<boolean> {
    const pending = this.#pending;
    const before = this.#state;
    const epoch = crypto.randomUUID();
    this.#options.log.warn("The audit connection is lost", { waiting: this.#queue.length });
    for (let failures = 0; this.#state !== "fenced"; failures++) {
      if (failures > 0 && this.#state === "ready") this.#state = "recovering";
      if (before === "closed" && failures > 20) return false;
      try {
        const found = await this.#retakeHead(epoch);
        if (!found) return this.#fence();
        if (this.#state === "recovering") this.#state = "ready";
        this.#windows.forget();
        this.#options.log.info("The audit connection is back", { failures });
        if (equalBytes(found.root, this.#head.root)) return false;
        if (!pending || !equalBytes(found.root, pending.root)) return this.#fence();
        this.#moveHead(pending, found);
        this.#settle({ waiters, batch: pending, used: new Map() });
        return true;
      } catch (error) {
        this.#options.log.debug("The audit database does not answer", { cause: messageOf(error) });
        await pause(RETRY_MS);
      }
    }
    return false;
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

  #fence(): false {
    if (this.#state !== "fenced") {
      this.#options.log.error(
        "Another process took this audit chain over; nothing is allowed any more",
        {
          writer: this.#options.writer,
        },
      );
    }
    this.#state = "fenced";
    return false;
  }

  /** Refuses who waited too long, and gives up a connection that no longer answers. */
  #sweep(): void {
    this.#windows.sweep();
    const now = this.#options.clock.monotonic();
    const late = (waiter: Waiter) => !waiter.settled && waiter.deadline <= now;
    const expired = [...this.#inFlight, ...this.#queue].filter(late);
    if (expired.length === 0 && this.#inFlight.length === 0) return;
    rejectAll(expired, unavailable("The audit database did not answer in time"));
    this.#counts.expired += expired.length;
    if (expired.length > 0) this.#queue = this.#queue.filter((waiter) => !waiter.settled);
    const hung = this.#inFlight.some((waiter) => waiter.deadline + HANG_GRACE_MS <= now);
    if (hung && this.#state === "ready") {
      void this.#connection.end({ timeout: 0 }).catch(() => undefined);
    }
  }
}

interface Attempted {
  readonly batch: Batch;
  readonly result: CommitResult | undefined;
}

function unavailable(message: string): AppError {
  return new AppError("unavailable", message);
}

function rejectAll(waiters: readonly Waiter[], error: AppError): void {
  for (const waiter of waiters) {
    if (waiter.settled) continue;
    waiter.settled = true;
    waiter.reject(error);
  }
}

/** What to do about a failed statement. SQLSTATE classes: PostgreSQL documentation, appendix A. */
function causeOf(error: unknown): "poison" | "window" | "busy" | "connection" {
  const { code = "", constraint_name: constraint } = error as {
    code?: string;
    constraint_name?: string;
  };
  if (constraint === WINDOW_CONSTRAINT) return "window";
  // Every SQLSTATE has a digit; what has none is the system's own: EPIPE looks like one otherwise.
  if (!/^(?=.*\d)[0-9A-Z]{5}$/.test(code)) {
    return error instanceof TypeError ? "poison" : "connection";
  }
  if (/^(22|23|54)/.test(code)) return "poison";
  if (/^(08|57P)/.test(code)) return "connection";
  return "busy";
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

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
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
