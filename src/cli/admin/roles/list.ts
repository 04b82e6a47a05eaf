import { countUsersBy } from "../../../identity/mod.ts";
import { TIER_RANK, TIERS } from "../../../kernel/tiers.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { getConfiguration } from "../config/load.ts";

export default async function list(this: CliContext): Promise<void> {
  const { governance: { roles: { roles } } } = await getConfiguration(this);
  const { sql } = await openDatabase(this);
  const { byRole } = await countUsersBy(sql);
  const rows = TIERS.map((role) => ({
    role,
    rank: TIER_RANK[role],
    users: byRole[role] ?? 0,
    permissions: roles[role].permissions,
    description: roles[role].description,
  }));
  this.out.table({
    kind: "roles.list",
    rows,
    columns: ["role", "rank", "users", "permissions", "description"],
    data: { roles: rows },
  });
}
