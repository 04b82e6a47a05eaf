import { appendRows, type EventInput, eventRow } from "../audit/mod.ts";
import type { Pool, Sql } from "../db/mod.ts";
import type { IdentityContext } from "../identity/mod.ts";
import type { Clock } from "../kernel/clock.ts";

/**
 * What changes of users, sessions and grants need in an isolate: each is recorded in its own transaction,
 * on a chain of its own, `writer`, since the chain of the calls is fed by batches.
 */
export function createIdentityContext(sql: Pool, clock: Clock, writer: string): IdentityContext {
  return { sql, clock, record: createRecorder(clock, writer) };
}

/** Appends rows to the chain `writer`, in the transaction of what they tell of. */
export function createRecorder(
  clock: Clock,
  writer: string,
): (sql: Sql, events: readonly EventInput[]) => Promise<void> {
  return async (transaction, events) => {
    const now = clock.now();
    await appendRows(transaction, writer, events.map((event) => eventRow(event, now)));
  };
}
