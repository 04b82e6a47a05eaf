import { assignRoles, LOCAL_OPERATOR } from "../../../../identity/mod.ts";
import type { CliContext } from "../../../context.ts";
import { changeUser, printChanged } from "../change.ts";
import type { RolesFlag } from "../flags.ts";

export default async function assign(
  this: CliContext,
  flags: RolesFlag,
  reference: string,
): Promise<void> {
  const user = await changeUser(
    this,
    reference,
    (identity, { id }) => assignRoles(identity, LOCAL_OPERATOR, id, flags.roles),
  );
  printChanged(this, "users.role.assign", user, `${user.name} holds ${user.roles.join(", ")} now`);
}
