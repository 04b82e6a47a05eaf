import { createGroup, type GroupFields } from "../../../identity/mod.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { groupRow } from "./view.ts";

export default async function create(this: CliContext, flags: GroupFields): Promise<void> {
  const { sql } = await openDatabase(this);
  const group = await createGroup(identityContext(this, sql), operatorOf(this), flags);
  this.out.card({ kind: "groups.create", data: { ...groupRow(group) } });
}
