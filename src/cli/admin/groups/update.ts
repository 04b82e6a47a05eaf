import { type GroupFields, updateGroup } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { operatorOf } from "../../actor.ts";
import type { CliContext } from "../../context.ts";
import { changeGroup } from "./change.ts";

export default async function update(
  this: CliContext,
  flags: Partial<GroupFields>,
  reference: string,
): Promise<void> {
  if (Object.values(flags).every((value) => value === undefined)) {
    throw new AppError("usage", "Nothing to update: give at least one flag");
  }
  await changeGroup(
    this,
    "groups.update",
    reference,
    (identity, { id }) => updateGroup(identity, operatorOf(this), id, flags),
  );
}
