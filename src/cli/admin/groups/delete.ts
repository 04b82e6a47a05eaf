import { deleteGroup } from "../../../identity/mod.ts";
import { operatorOf } from "../../actor.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import type { YesFlag } from "../../flags.ts";
import { changeGroup } from "./change.ts";

export default async function remove(
  this: CliContext,
  { yes }: YesFlag,
  reference: string,
): Promise<void> {
  await changeGroup(this, "groups.delete", reference, async (identity, { id, name }) => {
    await confirm(this, `Delete the group ${name}?`, yes);
    return await deleteGroup(identity, operatorOf(this), id);
  });
}
