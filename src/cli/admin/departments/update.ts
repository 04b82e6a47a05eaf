import { type DepartmentChanges, updateDepartment } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { departmentRow } from "./view.ts";

export default async function update(
  this: CliContext,
  flags: DepartmentChanges,
  name: string,
): Promise<void> {
  if (Object.values(flags).every((value) => value === undefined)) {
    throw new AppError("usage", "Nothing to update: give at least one flag");
  }
  const { sql } = await openDatabase(this);
  const identity = identityContext(this, sql);
  const updated = await updateDepartment(identity, operatorOf(this), name, flags);
  this.out.card({ kind: "departments.update", data: { ...departmentRow(updated) } });
  if (updated.name !== name) {
    this.out.warn(
      "Rules, agents, limits and secrets name departments: adapt what names the old one",
    );
  }
}
