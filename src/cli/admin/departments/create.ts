import { createDepartment } from "../../../identity/mod.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { departmentRow } from "./view.ts";

interface Flags {
  readonly name: string;
  readonly parent?: string;
  readonly description?: string;
}

export default async function create(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const made = await createDepartment(identityContext(this, sql), operatorOf(this), flags);
  this.out.card({ kind: "departments.create", data: { ...departmentRow(made) } });
}
