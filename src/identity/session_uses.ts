import type { Pool } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { upsertUses } from "./session_use_store.ts";

/** Milliseconds between two times that uses are written. */
const FLUSH_MS = 15_000;
/** Sessions noted at most between two of them: of more, the last use is written a round later. */
const CAPACITY = 20_000;

/** When and from where a session was used last. */
export interface SessionUse {
  readonly at: number;
  readonly address: string;
}

/**
 * Notes which sessions and keys are used, and writes that down every now and then: nothing waits for it, and what is
 * lost with the process is a few seconds of it.
 */
export class SessionUses {
  readonly #sql: Pool;
  readonly #clock: Clock;
  readonly #timer: ReturnType<typeof setInterval>;
  #uses = new Map<string, SessionUse>();
  #writing: Promise<void> | undefined;

  constructor(sql: Pool, clock: Clock, everyMs = FLUSH_MS) {
    this.#sql = sql;
    this.#clock = clock;
    this.#timer = setInterval(() => void this.flush(), everyMs);
    Deno.unrefTimer(this.#timer);
  }

  /** The hot path. */
  note(sessionId: string, address: string): void {
    if (this.#uses.size >= CAPACITY && !this.#uses.has(sessionId)) return;
    this.#uses.set(sessionId, { at: this.#clock.now(), address });
  }

  /** Writes what was noted. Never rejects: what cannot be written is noted again with the next use. */
  async flush(): Promise<void> {
    if (this.#uses.size === 0) return await this.#writing;
    const uses = this.#uses;
    this.#uses = new Map();
    await (this.#writing = upsertUses(this.#sql, uses).catch(() => undefined));
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
