import { deleteUser } from "../../../identity/mod.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { changeUser, printChanged } from "./change.ts";
import { operatorOf } from "../../actor.ts";

interface Flags {
  readonly yes: boolean;
}

export default async function remove(
  this: CliContext,
  flags: Flags,
  reference: string,
): Promise<void> {
  const user = await changeUser(this, reference, async (identity, found) => {
    await confirm(
      this,
      `Delete the user ${found.name} (${found.email}) and end its sessions?`,
      flags.yes,
    );
    return await deleteUser(identity, operatorOf(this), found.id);
  });
  printChanged(this, "users.delete", user, `Deleted the user ${user.name}`);
}
