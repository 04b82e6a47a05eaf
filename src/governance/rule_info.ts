import type { StageName } from "./decision.ts";

/** One rule as `rules list` and `rules show` print it. */
export interface RuleInfo {
  /** Unique among all stages, e.g. `blocklist.shell.rm_recursive`. */
  readonly id: string;
  readonly stage: StageName;
  readonly category: string;
  readonly description: string;
  /** The file that configures it, or `built in`. */
  readonly source: string;
  readonly enabled: boolean;
}
