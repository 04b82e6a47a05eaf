import { removeBan } from "../../../identity/mod.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { type SubjectFlags, subjectOf } from "./subject.ts";
import { operatorOf } from "../../actor.ts";

export default async function remove(
  this: CliContext,
  flags: SubjectFlags,
  argument: string | undefined,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const lifted = await removeBan(
    identityContext(this, sql),
    operatorOf(this),
    await subjectOf(sql, flags, argument),
  );
  this.out.card({ kind: "ban.remove", data: { ...lifted } });
}
