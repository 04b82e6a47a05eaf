import { LOG_LEVELS, type LogLevel, type LogLevels, writeToStderr } from "./log.ts";
import { pause } from "./pause.ts";

/** Lines on their way to the isolate that keeps them. */
export interface LogBatch {
  readonly number: number;
  /** Whole lines, each ended by a line feed. */
  readonly text: string;
  /** They stand on standard error already. */
  readonly printed: boolean;
}

/** What comes back: a batch was taken over, or other levels hold from now on. */
export type LogReply = { readonly taken: number } | { readonly levels: LogLevels };

const FLUSH_MS = 25;
const FLUSH_CHARACTERS = 65_536;
/** Characters that may wait; what comes then is dropped and counted. */
const MOST_WAITING = 4 * 1024 * 1024;

interface Lines {
  text: string;
  printed: boolean;
}

/**
 * The lines of one isolate, handed over in batches. Memory is bounded: when the other side is too slow,
 * warnings and errors are printed here and the rest is dropped, with a count of them as a line of its own.
 * What was not taken over is handed to the next one that is attached.
 */
export class LogOutbox {
  #levels: LogLevels;
  #port: MessagePort | undefined;
  #open: Lines = { text: "", printed: false };
  #sent: LogBatch[] = [];
  #number = 0;
  #waiting = 0;
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(levels: LogLevels) {
    this.#levels = levels;
  }

  /** The levels in force. */
  readonly levels = (): LogLevels => this.#levels;

  setLevels(levels: LogLevels): void {
    this.#levels = levels;
  }

  /** Takes a line; for `createLog`. */
  readonly write = (line: string, level: LogLevel): void => {
    const isUrgent = LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf("warn");
    if (this.#waiting + line.length > MOST_WAITING) {
      if (isUrgent) writeToStderr(line);
      this.#dropped++;
      return;
    }
    const printed = this.#port === undefined;
    if (printed) writeToStderr(line);
    if (printed !== this.#open.printed) this.#close();
    this.#open.printed = printed;
    this.#open.text += line;
    this.#waiting += line.length;
    if (isUrgent || this.#open.text.length >= FLUSH_CHARACTERS) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), FLUSH_MS);
  };

  /** Hands everything over `port` from now on, and once more what was not taken over before. */
  attach(port: MessagePort): void {
    this.#port?.close();
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<LogReply>) => {
      if ("levels" in data) this.#levels = data.levels;
      else this.#taken(data.taken);
    };
    for (const batch of this.#sent) port.postMessage(batch);
    this.#send();
  }

  /** Resolves when everything was taken over, or after `ms`. */
  async flush(ms = 1000): Promise<void> {
    this.#send();
    for (const end = performance.now() + ms; performance.now() < end;) {
      if (!this.#port || this.#sent.length === 0) return;
      await pause(5);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#port?.close();
    this.#port = undefined;
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#close();
  }

  /** Makes a batch of what is open. */
  #close(): void {
    if (this.#open.text === "") return;
    const batch: LogBatch = { number: ++this.#number, ...this.#open };
    this.#open = { text: "", printed: false };
    this.#sent.push(batch);
    this.#port?.postMessage(batch);
  }

  #taken(number: number): void {
    const at = this.#sent.findIndex((batch) => batch.number === number);
    const [batch] = at < 0 ? [] : this.#sent.splice(at, 1);
    this.#waiting -= batch?.text.length ?? 0;
    if (this.#dropped === 0 || this.#waiting > MOST_WAITING / 2) return;
    const count = this.#dropped;
    this.#dropped = 0;
    this.onDropped?.(count);
  }

  /** Called when there is room again, with the number of lines that were dropped meanwhile. */
  onDropped: ((count: number) => void) | undefined;
}
