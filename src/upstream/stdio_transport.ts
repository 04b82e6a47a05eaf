import type { ErrorOutput } from "./error_output.ts";
import { LineCutter, parseMessage } from "./json_lines.ts";
import { type LineEnd, LineFault } from "./line_end.ts";
import type { JsonRpcMessage, Receive, Transport } from "./transport.ts";

export interface StdioOptions {
  readonly server: string;
  readonly launcher: string;
  /** Everything that stands in the child's environment, but what the launcher adds. */
  readonly environment: Readonly<Record<string, string>>;
  /** Bytes of one message. */
  readonly limit: number;
  /** Takes what the child writes to its standard error. */
  readonly errors: ErrorOutput;
}

/** Characters that may wait for a child to read them. */
const MAX_QUEUED = 64 * 1024 * 1024;
/** Milliseconds for what a child has written before its end, when something else holds its output open. */
const DRAIN_MS = 1000;

const encoder = new TextEncoder();

/** A child process, started by the launcher, that speaks JSON-RPC line by line. */
export class StdioTransport implements Transport {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;
  readonly #cutter: LineCutter;
  readonly #errors: Promise<void>;
  #queue: string[] = [];
  #queued = 0;
  #isWriting = false;

  /** Throws what the system says when it cannot be started. */
  constructor({ server, launcher, environment, limit, errors }: StdioOptions) {
    this.#child = new Deno.Command(launcher, {
      args: [server],
      clearEnv: true,
      env: { ...environment },
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout.getReader();
    this.#cutter = new LineCutter(limit);
    this.#errors = readErrors(this.#child.stderr, errors);
  }

  get pid(): number {
    return this.#child.pid;
  }

  async run(receive: Receive): Promise<LineEnd> {
    void this.#child.status.then(() => this.#stopReadingSoon());
    for (;;) {
      const { value, done } = await this.#output.read();
      if (done) break;
      for (const line of this.#cutter.cut(value)) {
        if (isBlank(line)) continue;
        const waiting = receive({ message: parseMessage(line), bytes: line.length + 1 });
        if (waiting) await waiting;
      }
    }
    if (this.#cutter.rest > 0) {
      throw new LineFault(
        "garbage",
        `ended within a message, after ${this.#cutter.rest} bytes of it`,
      );
    }
    return await this.#describeEnd();
  }

  send(message: JsonRpcMessage): void {
    const text = `${JSON.stringify(message)}\n`;
    this.#queued += text.length;
    if (this.#queued > MAX_QUEUED) throw new LineFault("limit", "does not read what it is sent");
    this.#queue.push(text);
    if (!this.#isWriting) void this.#write();
  }

  async close(atOnce: boolean): Promise<void> {
    void this.#output.cancel().catch(() => {});
    // What it has not read yet would keep its input open.
    if (atOnce || this.#isWriting) this.#kill();
    void this.#input.close().catch(() => {});
    await this.#child.status;
    await this.#errors;
  }

  /** The launcher takes SIGHUP as an order to end everything. */
  #kill(): void {
    try {
      this.#child.kill("SIGHUP");
    } catch {
      // It has ended already.
    }
  }

  /** What queues up while the child reads goes out in one piece. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#queue.length > 0) {
        const text = this.#queue.length === 1 ? this.#queue[0] ?? "" : this.#queue.join("");
        this.#queue = [];
        await this.#input.write(encoder.encode(text));
        this.#queued -= text.length;
      }
      this.#isWriting = false;
    } catch {
      // It closed its input or ended: its output says so.
    }
  }

  /** Something that the child left behind may hold its output open for ever. */
  #stopReadingSoon(): void {
    const timer = setTimeout(() => void this.#output.cancel().catch(() => {}), DRAIN_MS);
    void this.#output.closed.catch(() => {}).finally(() => clearTimeout(timer));
  }

  async #describeEnd(): Promise<LineEnd> {
    // A child that closes its output and lives on is of no use any more.
    if (this.#isWriting) this.#kill();
    void this.#input.close().catch(() => {});
    const { code } = await this.#child.status;
    return {
      code: "exited",
      reason: code > 128 ? `was ended by signal ${code - 128}` : `ended with status ${code}`,
    };
  }
}

/** Lines may end with CR LF. */
function isBlank(line: Uint8Array): boolean {
  return line.length === 0 || (line.length === 1 && line[0] === 13);
}

async function readErrors(stream: ReadableStream<Uint8Array>, errors: ErrorOutput): Promise<void> {
  try {
    for await (const chunk of stream) errors.push(chunk);
  } catch {
    // The child is gone.
  }
  errors.end();
}
