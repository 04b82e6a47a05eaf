import { resolve } from "node:path";
import { createLog, type Log } from "../kernel/log.ts";
import type { CliContext, Terminal } from "./context.ts";
import type { ExitStatus } from "./exit.ts";
import type { Globals } from "./globals.ts";
import type { Host } from "./host.ts";
import type { Out } from "./output/out.ts";

/** A context and the means to end it. */
export interface RunContext {
  readonly context: CliContext;
  exitStatus(): ExitStatus;
  /**
   * Resolves with the signal that ends the verb from outside: the first one for a verb that does not look
   * at `signal` itself, the second one for one that does.
   */
  readonly stopped: Promise<number>;
  /** Runs what was deferred. */
  close(): Promise<void>;
}

const SILENT = { stdout: { write: () => {} }, stderr: { write: () => {} } };

/** What the parser wants to print is said by us, in our form: its streams lead nowhere. */
export function createRunContext(
  host: Host,
  globals: Globals,
  out: Out,
  args: readonly string[],
): RunContext {
  const closers: (() => void | Promise<void>)[] = [];
  const stopping = new AbortController();
  const stopped = Promise.withResolvers<number>();
  let status: ExitStatus = 0;
  let follows = false;
  let forget: (() => void) | undefined;
  function stop(signal: number): void {
    if (!follows || stopping.signal.aborted) stopped.resolve(signal);
    stopping.abort();
  }
  function listen(): void {
    forget ??= host.onStop(stop);
  }
  const context: CliContext = {
    process: SILENT,
    env: host.env,
    cwd: host.cwd,
    home: resolve(host.cwd, globals.home ?? ".spgov"),
    profileName: globals.profile,
    port: globals.port,
    verbose: globals.verbose,
    quiet: globals.quiet,
    above: host.above,
    out,
    log: logFor(globals, host),
    clock: host.clock,
    terminal: terminalOf(host),
    readStdin: () => host.stdin.readAll(),
    readLines: () => host.stdin.lines(),
    readStdinBytes: () => host.stdin.readBytes(),
    commandLine: ({ without }) => args.filter((arg) => arg !== without),
    get signal() {
      follows = true;
      listen();
      return stopping.signal;
    },
    setExit(value) {
      status = value;
    },
    defer(close) {
      listen();
      closers.push(close);
    },
  };
  return {
    context,
    exitStatus: () => status,
    stopped: stopped.promise,
    async close() {
      for (let next = closers.pop(); next; next = closers.pop()) await next();
      forget?.();
    },
  };
}

function terminalOf({ stdin, stderr }: Host): Terminal | undefined {
  if (!stdin.isTerminal || !stderr.isTerminal) return undefined;
  return {
    async ask(question) {
      stderr.write(question);
      return await stdin.readLine() ?? "";
    },
    askHidden(question) {
      const typed = stdin.readHiddenLine();
      // Not before typing is hidden: whoever sees the question may type.
      stderr.write(question);
      return typed;
    },
  };
}

function logFor(globals: Globals, host: Host): Log {
  const level = globals.verbose ? "debug" : globals.quiet ? "error" : "warn";
  return createLog({ module: "cli", level, write: (line) => void host.stderr.write(line) });
}
