import { deleteDepartment } from "../../../identity/mod.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { YesFlag } from "../../flags.ts";
import { departmentRow } from "./view.ts";

export default async function remove(
  this: CliContext,
  { yes }: YesFlag,
  name: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  await confirm(this, `Delete the department ${name}?`, yes);
  const gone = await deleteDepartment(identityContext(this, sql), operatorOf(this), name);
  this.out.card({ kind: "departments.delete", data: { ...departmentRow(gone) } });
}
