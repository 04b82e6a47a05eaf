import { type BanFilter, listBans } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { LimitFlag } from "../../flags.ts";
import { BAN_COLUMNS, banRow } from "./view.ts";

export default async function list(
  this: CliContext,
  { limit, ...filter }: LimitFlag & BanFilter,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const bans = (await listBans(sql, limit, filter)).map(banRow);
  this.out.table({
    kind: "ban.list",
    rows: bans,
    columns: BAN_COLUMNS,
    data: { bans, limit },
    empty: "Nobody is banned.",
  });
}
