import type { Pool } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { lowestUuidV7, uuidV7 } from "../kernel/ids.ts";
import { appendRows } from "./append.ts";
import type { AuditRow } from "./event.ts";
import { pageAllowed, type PagedCall } from "./open_call_store.ts";

export interface CloseOptions {
  /** Calls made before this moment are closed. */
  readonly before: Date;
  /** Where an earlier sweep ended: what it answered; undefined for everything. */
  readonly after: string | undefined;
  /** The chain that takes the outcomes. */
  readonly writer: string;
  readonly clock: Clock;
  /** Calls that are looked at, at most. */
  readonly most: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (seen: number, closed: number) => void;
}

export interface Closed {
  readonly seen: number;
  readonly closed: number;
  /** Where the next sweep goes on. */
  readonly after: string | undefined;
}

const PAGE = 2000;

/** Gives allowed calls of which no outcome ever came the outcome `timeout`. */
export async function closeOpenCalls(sql: Pool, options: CloseOptions): Promise<Closed> {
  const { before, writer, clock, most, signal, onProgress } = options;
  let { after } = options;
  let [seen, closed] = [0, 0];
  while (seen < most && !signal?.aborted) {
    const page = await pageAllowed(sql, {
      after: after ?? lowestUuidV7(0),
      since: new Date(after === undefined ? 0 : timeOf(after) - 1),
      before,
      limit: Math.min(PAGE, most - seen),
    });
    const open = page.filter(({ isOpen }) => isOpen);
    if (open.length > 0) {
      const rows = open.map((call) => timeoutRow(call, clock.now()));
      await sql.begin((tx) => appendRows(tx, writer, rows));
    }
    seen += page.length;
    closed += open.length;
    after = page.at(-1)?.id ?? after;
    onProgress?.(seen, closed);
    if (page.length < PAGE) break;
  }
  return { seen, closed, after };
}

function timeOf(id: string): number {
  return parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

function timeoutRow({ isOpen: _, id, ...ids }: PagedCall, now: number): AuditRow {
  return {
    ...ids,
    id: uuidV7(now),
    createdAt: Math.floor(now),
    kind: "outcome",
    callId: id,
    decision: "timeout",
    policy: "none",
    detail: { reason: "No outcome of the call arrived in time" },
    costMicrodollars: 0,
    latencyUs: 0,
  };
}
