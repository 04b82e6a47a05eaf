import { getGroup, listMembers } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { cardView, tableView } from "../../output/view.ts";
import type { PageFlags } from "../users/flags.ts";
import { USER_COLUMNS, userRow } from "../users/view.ts";
import { groupRow } from "./view.ts";

export default async function show(
  this: CliContext,
  page: PageFlags,
  reference: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const group = await getGroup(sql, reference);
  const members = (await listMembers(sql, group.id, page)).map(userRow);
  this.out.report({
    kind: "groups.show",
    data: { ...groupRow(group), members },
    views: [cardView({ ...groupRow(group) }), tableView(USER_COLUMNS, members, "Members")],
  });
}
