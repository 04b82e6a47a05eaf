import type { Pool } from "../db/mod.ts";
import { inTime } from "../kernel/in_time.ts";
import type { McpServerRules } from "./config.ts";
import { hashTool, isPlainName, pinnedPart, type ToolDefinition } from "./tool_hash.ts";
import {
  approveFirstSeen,
  listApprovedHashes,
  recordPending,
  type SeenTool,
} from "./tool_store.ts";

/** What keeps a tool from being listed and called. */
export type PinProblem = "changed" | "unapproved" | "unknown";

export type Redact = (definition: Readonly<Record<string, unknown>>) => unknown;

/** A database that does not answer must not keep a call from its answer, in milliseconds. */
const DEADLINE_MS = 1500;

function answered<T>(work: PromiseLike<T>): Promise<T> {
  return inTime(work, DEADLINE_MS, "What was approved could not be found out in time");
}

/** What was approved of every server, in memory, and what becomes of what is seen. */
export class ToolBook {
  readonly #sql: Pool;
  readonly #redact: Redact;
  #approved: ReadonlyMap<string, ReadonlyMap<string, string | null>> = new Map();
  #loading: Promise<void> | undefined;
  #isStale = true;

  /** `redact` takes credentials out of what is written down. */
  constructor(sql: Pool, redact: Redact) {
    this.#sql = sql;
    this.#redact = redact;
  }

  /** What is in memory may be outdated: it is read anew before it is used. */
  invalidate(): void {
    this.#isStale = true;
  }

  /**
   * Compares what a server offers with what was approved; what differs is written down to be approved.
   * A server that nothing is known of is approved as it is, unless its configuration says otherwise; a
   * tool whose name could be taken for another's never is.
   */
  async see(
    server: McpServerRules,
    identity: string,
    tools: readonly ToolDefinition[],
  ): Promise<ReadonlyMap<string, string>> {
    const seen = tools.map((tool): SeenTool => ({
      tool: tool.name,
      hash: hashTool(tool, server.name, identity),
      definition: () => this.#redact(pinnedPart(tool)),
    }));
    await this.#fresh();
    if (!this.#approved.has(server.name) && server.trust_on_first_use && seen.length > 0) {
      const plain = seen.filter(({ tool }) => isPlainName(tool));
      if (plain.length > 0) await answered(approveFirstSeen(this.#sql, server.name, plain));
      await this.#load();
    }
    const pending = seen.filter(({ tool, hash }) =>
      this.#approved.get(server.name)?.get(tool) !== hash
    );
    if (pending.length > 0) await answered(recordPending(this.#sql, server.name, pending));
    return new Map(seen.map(({ tool, hash }) => [tool, hash]));
  }

  /** Whether a tool is as it was approved. `offered`: the hashes of what the server offers now. */
  async problemOf(
    server: string,
    tool: string,
    offered: ReadonlyMap<string, string>,
  ): Promise<PinProblem | undefined> {
    await this.#fresh();
    const hash = offered.get(tool);
    if (hash === undefined) return "unknown";
    const approved = this.#approved.get(server)?.get(tool);
    if (approved === hash) return undefined;
    return approved === undefined || approved === null ? "unapproved" : "changed";
  }

  async #fresh(): Promise<void> {
    if (this.#isStale) await this.#load();
  }

  #load(): Promise<void> {
    this.#isStale = false;
    this.#loading ??= this.#read().catch((error) => {
      this.#isStale = true;
      throw error;
    }).finally(() => this.#loading = undefined);
    return this.#loading;
  }

  async #read(): Promise<void> {
    const approved = new Map<string, Map<string, string | null>>();
    for (const { server, tool, hash } of await answered(listApprovedHashes(this.#sql))) {
      let tools = approved.get(server);
      if (!tools) approved.set(server, tools = new Map());
      tools.set(tool, hash);
    }
    this.#approved = approved;
  }
}
