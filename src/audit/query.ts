import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import {
  type AuditCall,
  type CallFilter,
  listCalls,
  listCallsByPrefix,
  listRowsByPrefix,
  listTraceIds,
  listTraceRows,
  listTraces,
  type LogRow,
  type MatchedBy,
  type PrefixBounds,
  type TraceSummary,
} from "./query_store.ts";

/** The calls that a prefix names, and what kind of id it is. */
export interface FoundCalls {
  readonly matched: MatchedBy;
  /** Newest first. */
  readonly calls: readonly AuditCall[];
  /** There are more than were asked for. */
  readonly more: boolean;
}

/**
 * The calls whose request id, trace id or session id begins with `prefix`; undefined when there is none.
 * Where several kinds match, a whole id wins over a beginning, then a request over a trace over a session.
 */
export async function findCalls(
  sql: Sql,
  prefix: string,
  limit: number,
): Promise<FoundCalls | undefined> {
  const bounds = boundsOf(prefix);
  const found = await listCallsByPrefix(sql, bounds, limit + 1);
  const isExact = (call: AuditCall): boolean =>
    call.id === bounds.ids?.high || call.traceId === bounds.trace || call.sessionId === prefix;
  const exact = found.filter((call) => isExact(call));
  const rows = exact.length > 0 ? exact : found;
  const matched = ORDER.find((kind) => rows.some((row) => row.matched === kind));
  if (!matched) return undefined;
  const calls = rows.filter((row) => row.matched === matched).map(({ matched: _, ...call }) =>
    call
  );
  return { matched, calls: calls.slice(0, limit), more: calls.length > limit };
}

const ORDER: readonly MatchedBy[] = ["request", "trace", "session"];

/** The one row of any kind that `prefix` names; undefined for none, `conflict` for several. */
export async function findRow(sql: Sql, prefix: string): Promise<LogRow | undefined> {
  const [row, second] = await listRowsByPrefix(sql, boundsOf(prefix), 2);
  if (row && second && row.id !== prefix) {
    throw new AppError("conflict", `Several rows begin with "${prefix}"`, {
      hint: "Give more digits.",
    });
  }
  return row;
}

/** A part of a longer list; `next` continues it. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

/** Calls newest first. `cursor` is the `next` of the page before. */
export async function listDecisions(
  sql: Sql,
  filter: CallFilter,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<AuditCall>> {
  const items = await listCalls(sql, filter, readCursor(cursor), limit + 1);
  return toPage(items, limit, (call) => call.id);
}

/** How many rows are looked at for each trace that is asked for. */
const ROWS_PER_TRACE = 200;

/** Traces, the one with the newest row first. `cursor` is the `next` of the page before. */
export async function listRecentTraces(
  sql: Sql,
  filter: CallFilter,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<TraceSummary>> {
  const wanted = limit + 1;
  const before = readCursor(cursor);
  const items = await listTraces(sql, filter, before, wanted, wanted * ROWS_PER_TRACE);
  const page = toPage(items, limit, (trace) => trace.newest);
  return { ...page, items: page.items.map(({ newest: _, ...trace }) => trace) };
}

/** The rows of the one trace whose id begins with `prefix`, in order; undefined for none, `conflict` for several. */
export async function findTrace(
  sql: Sql,
  prefix: string,
  limit: number,
): Promise<{ readonly traceId: string; readonly rows: readonly LogRow[] } | undefined> {
  const { trace } = boundsOf(prefix);
  const ids = await listTraceIds(sql, trace, 6);
  const traceId = ids.find((id) => id === trace) ?? ids[0];
  if (traceId === undefined) return undefined;
  if (ids.length > 1 && traceId !== trace) {
    throw new AppError(
      "conflict",
      `Several traces begin with "${prefix}": ${ids.slice(0, 5).join(", ")}`,
      {
        hint: "Give more digits.",
      },
    );
  }
  return { traceId, rows: await listTraceRows(sql, traceId, limit) };
}

function toPage<Item>(
  items: readonly Item[],
  limit: number,
  idOf: (item: Item) => string,
): Page<Item> {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown, next: items.length > limit && last ? idOf(last) : undefined };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function readCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined || UUID.test(cursor)) return cursor;
  throw new AppError("usage", `Cannot continue at ${JSON.stringify(cursor)}: it is no cursor`, {
    hint: 'Take it from "hints.next" of the page before.',
  });
}

const HEX_PREFIX = /^[0-9a-f]{1,32}$/;
/** The year 2200: an id beyond is none of ours. */
const LATEST = 7_258_118_400_000;

/** What may begin with `prefix`, for the indexes. */
export function boundsOf(prefix: string): PrefixBounds {
  const hex = prefix.toLowerCase().replaceAll("-", "");
  const isHex = HEX_PREFIX.test(hex);
  return { ids: isHex ? idBounds(hex) : undefined, trace: isHex ? hex : prefix, session: prefix };
}

function idBounds(hex: string): PrefixBounds["ids"] {
  const [low, high] = [hex.padEnd(32, "0"), hex.padEnd(32, "f")];
  const from = parseInt(low.slice(0, 12), 16);
  const to = Math.min(parseInt(high.slice(0, 12), 16), LATEST);
  if (from > LATEST) return undefined;
  return { low: toUuid(low), high: toUuid(high), from: new Date(from), to: new Date(to) };
}

function toUuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
    .join("-");
}
