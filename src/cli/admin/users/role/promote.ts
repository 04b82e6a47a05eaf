import { LOCAL_OPERATOR, promoteUser } from "../../../../identity/mod.ts";
import type { CliContext } from "../../../context.ts";
import { changeUser, printChanged } from "../change.ts";

export default async function promote(
  this: CliContext,
  _: object,
  reference: string,
): Promise<void> {
  const user = await changeUser(
    this,
    reference,
    (identity, { id }) => promoteUser(identity, LOCAL_OPERATOR, id),
  );
  printChanged(this, "users.role.promote", user, `${user.name} is an administrator now`);
}
