import type { CommandContext } from "@stricli/core";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Above } from "./above.ts";
import type { ExitStatus } from "./exit.ts";
import type { Environment } from "./host.ts";
import type { Out } from "./output/out.ts";

/** Port of the service unless the flag, the environment or the profile says otherwise. */
export const DEFAULT_PORT = 8080;

export interface Terminal {
  /** Prints the question on standard error; the answer without its line end, empty at end of input. */
  ask(question: string): Promise<string>;
  /** As `ask`, but what is typed is not shown. Undefined when the user cancelled. */
  askHidden(question: string): Promise<Uint8Array | undefined>;
}

/**
 * What a verb gets as `this`. Everything a verb touches comes from here, so that a test can run it
 * with a home, a clock and streams of its own.
 */
export interface CliContext extends CommandContext {
  readonly env: Environment;
  readonly cwd: string;
  /** Absolute path of the home folder; it may not exist yet. */
  readonly home: string;
  /** As given by `--profile` or SPGOV_PROFILE: a name, or a path when it has a `/` or ends in `.yaml`. */
  readonly profileName: string | undefined;
  /** As given by `--port` or SPGOV_PORT; undefined leaves it to the profile, then `DEFAULT_PORT`. */
  readonly port: number | undefined;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly above: Above;
  readonly out: Out;
  readonly log: Log;
  readonly clock: Clock;
  /** Somebody to ask; undefined when standard input or standard error is no terminal. */
  readonly terminal: Terminal | undefined;
  /** Everything on standard input, as text. */
  readStdin(): Promise<string>;
  /** The lines of standard input as they come, without their ends. */
  readLines(): AsyncIterable<string>;
  /** Everything on standard input, as it is. */
  readStdinBytes(): Promise<Uint8Array>;
  /** The arguments of this command line, as given, less one flag. */
  commandLine(options: { readonly without: string }): readonly string[];
  /** Aborted on SIGINT and SIGTERM: what a following verb ends on. */
  readonly signal: AbortSignal;
  /** Ends with this status although nothing was thrown: a validation that found something. */
  setExit(status: ExitStatus): void;
  /** Runs `close` when the verb has ended, however it ended; the last registered first. */
  defer(close: () => void | Promise<void>): void;
}
