import { countGroups, listGroups } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { PageFlags } from "../users/flags.ts";
import { groupRow } from "./view.ts";

export default async function list(this: CliContext, page: PageFlags): Promise<void> {
  const { sql } = await openDatabase(this);
  const rows = (await listGroups(sql, page)).map((group) => ({
    ...groupRow(group),
    members: group.members,
  }));
  this.out.table({
    kind: "groups.list",
    rows,
    columns: ["id", "name", "members", "description"],
    data: { groups: rows, total: await countGroups(sql), ...page },
    empty: "No group.",
  });
}
