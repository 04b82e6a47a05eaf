import type { SelfCommand } from "../kernel/self.ts";
import type { BenchReport } from "./report.ts";

/** What a program is run with. */
export interface BenchContext {
  /** How to start the program under test. */
  readonly self: SelfCommand;
  readonly env: Readonly<Record<string, string>>;
  /** Folder of the default `services/` tree. */
  readonly services: string;
  /** Seconds of measuring instead of the program's own. */
  readonly seconds: number | undefined;
  /** Rows that `growth` starts from, instead of ten million. */
  readonly rows: number | undefined;
  progress(message: string): void;
  readonly signal: AbortSignal;
}

/** A benchmark. */
export interface BenchProgram {
  readonly name: string;
  readonly brief: string;
  /** How long it takes, roughly, for people. */
  readonly takes: string;
  run(context: BenchContext): Promise<BenchReport>;
}
