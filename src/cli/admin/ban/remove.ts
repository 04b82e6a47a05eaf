import { LOCAL_OPERATOR, removeBan } from "../../../identity/mod.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { type SubjectFlags, subjectOf } from "./subject.ts";

export default async function remove(this: CliContext, flags: SubjectFlags): Promise<void> {
  const { sql } = await openDatabase(this);
  const lifted = await removeBan(
    identityContext(this, sql),
    LOCAL_OPERATOR,
    await subjectOf(sql, flags),
  );
  this.out.card({ kind: "ban.remove", data: { ...lifted } });
}
