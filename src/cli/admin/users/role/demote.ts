import { demoteUser, LOCAL_OPERATOR } from "../../../../identity/mod.ts";
import type { CliContext } from "../../../context.ts";
import { changeUser, printChanged } from "../change.ts";

export default async function demote(
  this: CliContext,
  _: object,
  reference: string,
): Promise<void> {
  const user = await changeUser(
    this,
    reference,
    (identity, { id }) => demoteUser(identity, LOCAL_OPERATOR, id),
  );
  printChanged(this, "users.role.demote", user, `${user.name} is no administrator now`);
}
