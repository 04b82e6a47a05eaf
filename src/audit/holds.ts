import type { Pool, Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import type { EventInput } from "./append.ts";
import { type Hold, insertHold, releaseHold as storeRelease } from "./hold_store.ts";

/** What placing and releasing takes. */
export interface HoldContext {
  readonly sql: Pool;
  readonly actor: Pick<EventInput, "userId" | "role" | "surface" | "sessionId" | "clientId">;
  /** Writes the rows in the transaction of what they tell of: both or neither. */
  record(sql: Sql, events: readonly EventInput[]): Promise<void>;
}

/** Places a hold. Throws `invalid` without a reason or for a time that ends before it begins. */
export async function placeHold(
  { sql: pool, actor, record }: HoldContext,
  hold: Pick<Hold, "reason" | "since" | "until">,
): Promise<Hold> {
  if (hold.reason.trim() === "") {
    throw new AppError("invalid", "Cannot place a hold without a reason");
  }
  if (hold.since && hold.until && hold.since >= hold.until) {
    throw new AppError("invalid", "Cannot place a hold that ends before it begins");
  }
  return await pool.begin(async (sql) => {
    const id = crypto.randomUUID();
    const placed = await insertHold(sql, { ...hold, id, placedBy: actor.userId });
    await record(sql, [holdEvent(actor, "hold_placed", placed)]);
    return placed;
  }) as Hold;
}

/** Releases a hold. Throws `not_found` when none in force has this id. */
export async function releaseHold(
  { sql: pool, actor, record }: HoldContext,
  id: string,
): Promise<Hold> {
  return await pool.begin(async (sql) => {
    const hold = await storeRelease(sql, id, actor.userId);
    if (!hold) {
      throw new AppError(
        "not_found",
        `Cannot find a hold in force with the id ${JSON.stringify(id)}`,
      );
    }
    await record(sql, [holdEvent(actor, "hold_released", hold)]);
    return hold;
  }) as Hold;
}

function holdEvent(
  actor: HoldContext["actor"],
  name: "hold_placed" | "hold_released",
  { id, reason, since, until }: Hold,
): EventInput {
  const detail = {
    id,
    reason,
    since: since?.toISOString() ?? null,
    until: until?.toISOString() ?? null,
  };
  return { ...actor, kind: "admin", target: `audit:${name}`, decision: "ok", detail };
}
