import { getOwner, getServiceAccount, updateUser, type UserStatus } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { printChanged } from "../users/change.ts";

interface Flags {
  readonly owner?: string;
  readonly department?: string;
  readonly description?: string;
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
  const { sql } = await openDatabase(this);
  const identity = identityContext(this, sql);
  const { owner, ...rest } = flags;
  const ownerId = owner === undefined || owner === ""
    ? owner
    : (await getOwner(identity, owner)).id;
  const { id } = await getServiceAccount({ sql }, reference);
  const changes = { ...rest, ...ownerId !== undefined && { ownerId } };
  const account = await updateUser(identity, operatorOf(this), id, changes);
  printChanged(this, "service-accounts.update", account, `Updated the account ${account.name}`);
}
