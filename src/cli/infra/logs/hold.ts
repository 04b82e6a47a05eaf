import {
  type Hold,
  type HoldContext,
  listHolds,
  placeHold,
  releaseHold,
} from "../../../audit/mod.ts";
import { holdContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

interface PlaceFlags {
  readonly reason: string;
  readonly since?: Date;
  readonly until?: Date;
}

export async function list(this: CliContext, { all }: { readonly all: boolean }): Promise<void> {
  const { sql } = await openDatabase(this);
  const rows = (await listHolds(sql, all)).map(holdRow);
  this.out.table({
    kind: "logs.hold_list",
    rows,
    columns: ["id", "since", "until", "reason", "placed_by", "placed_at", "released_at"],
    data: { holds: rows, total: rows.length },
    empty: "Nothing is held.",
  });
}

export async function place(this: CliContext, flags: PlaceFlags): Promise<void> {
  const { reason, since = null, until = null } = flags;
  const hold = await placeHold(await contextOf(this), { reason, since, until });
  this.out.card({ kind: "logs.hold_place", data: holdRow(hold) });
}

export async function release(this: CliContext, _: object, id: string): Promise<void> {
  const hold = await releaseHold(await contextOf(this), id);
  this.out.card({ kind: "logs.hold_release", data: holdRow(hold) });
}

async function contextOf(context: CliContext): Promise<HoldContext> {
  const { sql } = await openDatabase(context);
  return holdContext(context, sql);
}

function holdRow(hold: Hold) {
  const { id, reason, since, until, placedBy, placedAt, releasedBy, releasedAt } = hold;
  return {
    id,
    reason,
    since,
    until,
    placed_by: placedBy,
    placed_at: placedAt,
    released_by: releasedBy,
    released_at: releasedAt,
  };
}
