import { countUsers, listUsers, type UserFilter } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { FilterFlags, PageFlags } from "./flags.ts";
import { USER_COLUMNS, userRow } from "./view.ts";

type Flags = PageFlags & FilterFlags;

export default async function list(this: CliContext, flags: Flags): Promise<void> {
  const { limit, offset, ...filter } = flags;
  await printUsers(this, "users.list", filter, { limit, offset });
}

/** Prints a page of the users that match, and how many match in all. */
export async function printUsers(
  context: CliContext,
  kind: string,
  filter: UserFilter,
  { limit, offset }: PageFlags,
): Promise<void> {
  const { sql } = await openDatabase(context);
  const rows = (await listUsers(sql, filter, { limit, offset })).map(userRow);
  const total = await countUsers(sql, filter);
  context.out.table({
    kind,
    rows,
    columns: USER_COLUMNS,
    data: { users: rows, total, limit, offset },
    empty: "No user.",
  });
}
