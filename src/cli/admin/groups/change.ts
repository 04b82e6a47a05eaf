import { getGroup, type Group, type IdentityContext } from "../../../identity/mod.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { groupRow } from "./view.ts";

/** Finds the group that `reference` means, lets `change` change it and prints what it is then. */
export async function changeGroup(
  context: CliContext,
  kind: string,
  reference: string,
  change: (identity: IdentityContext, group: Group) => Promise<Group>,
): Promise<void> {
  const { sql } = await openDatabase(context);
  const group = await getGroup(sql, reference);
  const changed = await change(identityContext(context, sql), group);
  context.out.card({ kind, data: { ...groupRow(changed) } });
}
