import type { Governor, SecretScanner } from "../../governance/mod.ts";
import type { Log } from "../../kernel/log.ts";
import type { McpServerRules } from "../config.ts";
import type { ToolBook } from "../tool_book.ts";
import type { Asides } from "./asides.ts";
import type { UpstreamPool } from "./pool.ts";
import type { Rounds } from "./rounds.ts";
import type { Sight } from "./sight.ts";
import type { Slots } from "./slots.ts";

/** What every part of the gateway works with. */
export interface Core {
  /** The servers that run, by name; read anew for every request. */
  readonly servers: () => ReadonlyMap<string, McpServerRules>;
  readonly governor: Governor;
  readonly scanner: () => SecretScanner;
  readonly pool: UpstreamPool;
  readonly book: ToolBook;
  readonly sight: Sight;
  readonly asides: Asides;
  readonly rounds: Rounds;
  /** How many calls of a server run at once. */
  readonly slotsOf: (server: string) => Slots;
  /** Work that goes on after its answer: waited for at the end. */
  readonly background: (work: Promise<unknown>) => void;
  readonly log: Log;
}
