import { countUsers, getDepartment, listDepartments, listUsers } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { LimitFlag } from "../../flags.ts";
import { cardView, tableView } from "../../output/view.ts";
import { USER_COLUMNS, userRow } from "../users/view.ts";
import { nodeRow } from "./view.ts";

export default async function show(
  this: CliContext,
  { limit }: LimitFlag,
  name: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  await getDepartment(sql, name);
  const [node, ...below] = await listDepartments(sql, name);
  const users = (await listUsers(sql, { department: name }, { limit, offset: 0 })).map(userRow);
  const total = await countUsers(sql, { department: name });
  const card = { ...node && nodeRow(node), below: below.map((each) => each.name) };
  this.out.report({
    kind: "departments.show",
    data: { ...card, users, total },
    views: [cardView(card), tableView(USER_COLUMNS, users, `Users (${total})`)],
  });
}
