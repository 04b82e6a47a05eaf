import type { Pool } from "../db/mod.ts";
import { messageOf } from "../kernel/errors.ts";
import { createOrderedIds } from "../kernel/ids.ts";
import { pause } from "../kernel/pause.ts";
import type { WrittenLine } from "./line.ts";
import { appendLines, type KeptLine } from "./line_store.ts";

export interface TableWriterOptions {
  readonly sql: Pool;
  /** Name of this replica among the writers. */
  readonly writer: string;
  /** Said once when the table cannot be written, and once when it can again. */
  readonly onState: (problem: string | undefined) => void;
}

const MOST_ROWS = 1000;
const MOST_CHARACTERS = 1024 * 1024;
/** Characters that may wait while the database is away. */
const ROOM = 16 * 1024 * 1024;
const SLOWEST_RETRY_MS = 2000;

/**
 * Writes lines to the table, many at a time, in their order. What the database refuses is tried line by line;
 * a line that it refuses alone is left out.
 */
export class TableWriter {
  readonly #options: TableWriterOptions;
  readonly #stopping = new AbortController();
  readonly #newId = createOrderedIds();
  #queue: KeptLine[] = [];
  #waiting = 0;
  #writing: Promise<void> | undefined;
  #failing = false;
  #refused = 0;

  constructor(options: TableWriterOptions) {
    this.#options = options;
  }

  /** Whether more may be put in before what waits is written. */
  get hasRoom(): boolean {
    return this.#waiting < ROOM;
  }

  /** Lines that the database refused. */
  get refused(): number {
    return this.#refused;
  }

  put(lines: readonly WrittenLine[], size: number): void {
    for (const line of lines) this.#queue.push({ ...line, id: this.#newId(Date.parse(line.ts)) });
    this.#waiting += size;
    this.#writing ??= this.#drain().finally(() => this.#writing = undefined);
  }

  /** Writes what waits, for at most `ms`. */
  async close(ms: number): Promise<void> {
    const late = setTimeout(() => this.#stopping.abort(), ms);
    await this.#writing;
    clearTimeout(late);
    this.#stopping.abort();
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0 && !this.#stopping.signal.aborted) {
      // Whoever waited for room may add to this batch.
      await Promise.resolve();
      const batch = this.#take();
      await this.#write(batch);
      if (this.#queue.length === 0) this.#waiting = 0;
    }
  }

  #take(): KeptLine[] {
    let size = 0;
    let count = 0;
    for (const line of this.#queue) {
      size += sizeOf(line);
      if (count > 0 && (count >= MOST_ROWS || size > MOST_CHARACTERS)) break;
      count++;
    }
    const batch = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    const share = count / (count + this.#queue.length);
    this.#waiting -= Math.round(this.#waiting * share);
    return batch;
  }

  async #write(batch: readonly KeptLine[]): Promise<void> {
    const { sql, writer, onState } = this.#options;
    for (
      let wait = 50;
      !this.#stopping.signal.aborted;
      wait = Math.min(wait * 2, SLOWEST_RETRY_MS)
    ) {
      try {
        await appendLines(sql, writer, batch);
        if (this.#failing) onState(undefined);
        this.#failing = false;
        return;
      } catch (error) {
        if (isRefusal(error)) return await this.#bisect(batch);
        if (!this.#failing) onState(messageOf(error));
        this.#failing = true;
        await pause(wait, this.#stopping.signal);
      }
    }
  }

  async #bisect(batch: readonly KeptLine[]): Promise<void> {
    if (batch.length <= 1) return void this.#refused++;
    const middle = Math.ceil(batch.length / 2);
    await this.#write(batch.slice(0, middle));
    await this.#write(batch.slice(middle));
  }
}

function sizeOf({ message, fields }: KeptLine): number {
  return 400 + message.length + (Object.keys(fields).length > 0 ? 200 : 0);
}

/** The data itself is at fault (class 22, 23, 54): trying again does not help. */
function isRefusal(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" && /^(22|23|54)/.test(code);
}
