import { countUsers, countUsersBy } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

interface Flags {
  readonly breakdown: boolean;
}

export default async function count(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  if (!flags.breakdown) {
    const total = await countUsers(sql, {});
    return this.out.text({ kind: "users.count", text: String(total), data: { count: total } });
  }
  const { total, byStatus, byRole } = await countUsersBy(sql);
  this.out.card({
    kind: "users.count",
    data: { total, by_status: byStatus, by_role: byRole },
  });
}
