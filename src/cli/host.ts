import type { Above } from "./above.ts";
import { type Clock, systemClock } from "../kernel/clock.ts";
import { hideTyping, readHiddenLine } from "./hidden_input.ts";

export type Environment = Readonly<Record<string, string>>;

/** One of the three standard streams, as far as the command line cares. */
export interface Stream {
  readonly isTerminal: boolean;
  /** Columns of the terminal; undefined when it is none. */
  readonly columns: number | undefined;
  /** Writes everything; false when the reader has gone away. */
  write(text: string): boolean;
}

export interface Input {
  readonly isTerminal: boolean;
  /** The next line; undefined at the end. Does not keep a signal from being heard meanwhile. */
  readLine(): Promise<string | undefined>;
  /** As `readLine`, of a terminal that shows nothing of it; undefined at the end or when it was cancelled. */
  readHiddenLine(): Promise<Uint8Array | undefined>;
  readAll(): Promise<string>;
  /** Lines as they come, without their ends; the last one may have none. */
  lines(): AsyncIterable<string>;
  readBytes(): Promise<Uint8Array>;
}

/** The process around a command: read once, here, so that nothing below asks the runtime. */
export interface Host {
  readonly env: Environment;
  readonly cwd: string;
  readonly clock: Clock;
  readonly above: Above;
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly stdin: Input;
  /** Calls `stop` on SIGINT (2) or SIGTERM (15) until the returned function is called. */
  onStop(stop: (signal: number) => void): () => void;
}

type Output = typeof Deno.stdout | typeof Deno.stderr;

const encoder = new TextEncoder();
const pause = new Int32Array(new SharedArrayBuffer(4));

function writeAll(output: Output, text: string): boolean {
  let rest = encoder.encode(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(output.writeSync(rest));
    } catch (error) {
      // A pipe that its other end made non-blocking: wait for the reader.
      if (!(error instanceof Deno.errors.WouldBlock)) return false;
      Atomics.wait(pause, 0, 0, 5);
    }
  }
  return true;
}

function columnsOf(isTerminal: boolean): number | undefined {
  if (!isTerminal) return undefined;
  try {
    return Deno.consoleSize().columns || undefined;
  } catch {
    return undefined;
  }
}

function streamOf(output: Output): Stream {
  const isTerminal = output.isTerminal();
  return { isTerminal, columns: columnsOf(isTerminal), write: (text) => writeAll(output, text) };
}

/** Reads lines; what a terminal sent beyond a line (text that was pasted) is kept for the next. */
function lineReader(): () => Promise<string | undefined> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1024);
  let rest = "";
  return async () => {
    while (!rest.includes("\n")) {
      const count = await Deno.stdin.read(buffer);
      if (count === null) break;
      rest += decoder.decode(buffer.subarray(0, count), { stream: true });
    }
    if (rest === "") return undefined;
    const [line = "", ...more] = rest.split("\n");
    rest = more.join("\n");
    return line;
  };
}

async function* linesOf(input: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of input.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest !== "") yield rest;
}

function onStop(stop: (signal: number) => void): () => void {
  function end(signal: number): void {
    // Whoever is asked something is not waited for: the terminal must show again what is typed.
    hideTyping(false);
    stop(signal);
  }
  const onInterrupt = (): void => end(2);
  const onTerminate = (): void => end(15);
  Deno.addSignalListener("SIGINT", onInterrupt);
  Deno.addSignalListener("SIGTERM", onTerminate);
  return () => {
    Deno.removeSignalListener("SIGINT", onInterrupt);
    Deno.removeSignalListener("SIGTERM", onTerminate);
  };
}

/** The real process. */
export function processHost(above: Above): Host {
  return {
    env: Deno.env.toObject(),
    cwd: Deno.cwd(),
    clock: systemClock,
    above,
    stdout: streamOf(Deno.stdout),
    stderr: streamOf(Deno.stderr),
    stdin: {
      isTerminal: Deno.stdin.isTerminal(),
      readLine: lineReader(),
      readHiddenLine,
      readBytes: () => new Response(Deno.stdin.readable).bytes(),
      readAll: () => new Response(Deno.stdin.readable).text(),
      lines: () => linesOf(Deno.stdin.readable),
    },
    onStop,
  };
}
