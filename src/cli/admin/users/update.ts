import { updateUser, type UserStatus } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { changeUser, printChanged } from "./change.ts";
import { operatorOf } from "../../actor.ts";

interface Flags {
  readonly email?: string;
  readonly name?: string;
  readonly fullName?: string;
  readonly displayName?: string;
  readonly department?: string;
  readonly status?: UserStatus;
}

export default async function update(
  this: CliContext,
  flags: Flags,
  reference: string,
): Promise<void> {
  if (Object.values(flags).every((value) => value === undefined)) {
    throw new AppError("usage", "Nothing to update: give at least one flag");
  }
  const user = await changeUser(
    this,
    reference,
    (identity, { id }) => updateUser(identity, operatorOf(this), id, flags),
  );
  printChanged(this, "users.update", user, `Updated the user ${user.name}`);
}
