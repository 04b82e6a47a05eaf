import { harmlessJson, type LogLevel, type LogLevels } from "../kernel/log.ts";
import type { LogBatch, LogReply } from "../kernel/log_outbox.ts";
import { pause } from "../kernel/pause.ts";
import { levelsFrom, parseLine, type WrittenLine } from "./line.ts";
import type { RedactLine } from "./redact.ts";
import type { RotatingFile } from "./rotating_file.ts";
import type { TableWriter } from "./table_writer.ts";

/** Where taken lines go. */
export interface HubOptions {
  readonly redact: RedactLine;
  /** Prints whole lines; undefined prints nothing. */
  readonly print: ((text: string) => void) | undefined;
  readonly file: RotatingFile | undefined;
  readonly table: TableWriter;
  /** The least level that the table keeps. */
  readonly tableLevel: LogLevel | "off";
}

const encoder = new TextEncoder();
const ROOM_MS = 20;

/** Takes the lines of all isolates: redacts them, prints them, and keeps them. */
export class LogHub {
  #options: HubOptions;
  #levels: LogLevels;
  readonly #ports = new Map<string, MessagePort>();
  #taking: Promise<void> = Promise.resolve();
  #closed = false;
  /** Lines that were no lines of ours. */
  malformed = 0;

  constructor(options: HubOptions, levels: LogLevels) {
    this.#options = options;
    this.#levels = levels;
  }

  /** Serves the outbox of that name, in the place of the one before. */
  attach(name: string, port: MessagePort): void {
    this.#ports.get(name)?.close();
    this.#ports.set(name, port);
    port.onmessage = ({ data }: MessageEvent<LogBatch>) => {
      this.#taking = this.#taking.then(() => this.#take(data, port));
    };
    reply(port, { levels: this.#levels });
  }

  /** Tells every isolate what it need not write. */
  setLevels(levels: LogLevels): void {
    this.#levels = levels;
    for (const port of this.#ports.values()) reply(port, { levels });
  }

  configure(options: Omit<HubOptions, "table">): void {
    if (this.#options.file !== options.file) this.#options.file?.close();
    this.#options = { ...this.#options, ...options };
  }

  async close(): Promise<void> {
    await this.#taking;
    this.#closed = true;
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
    this.#options.file?.close();
  }

  async #take({ number, text, printed }: LogBatch, port: MessagePort): Promise<void> {
    const { redact, print, file, table, tableLevel } = this.#options;
    const lines: WrittenLine[] = [];
    let shown = "";
    for (const each of text.split("\n")) {
      if (each === "") continue;
      const line = parseLine(each);
      if (!line) {
        this.malformed++;
        continue;
      }
      const clean = redact(line);
      lines.push(clean);
      shown += clean === line ? `${each}\n` : `${harmlessJson(JSON.stringify(clean))}\n`;
    }
    if (!printed) print?.(shown);
    file?.write(encoder.encode(shown));
    // Whoever writes faster than the table takes is told late, and drops by itself.
    while (!table.hasRoom && !this.#closed) await pause(ROOM_MS);
    if (tableLevel !== "off") {
      const levels = levelsFrom(tableLevel);
      const kept = lines.filter(({ level }) => levels.includes(level));
      if (kept.length > 0) table.put(kept, text.length);
    }
    reply(port, { taken: number });
  }
}

function reply(port: MessagePort, message: LogReply): void {
  port.postMessage(message);
}
