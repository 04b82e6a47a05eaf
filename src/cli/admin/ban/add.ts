import { addBan, LOCAL_OPERATOR } from "../../../identity/mod.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { type SubjectFlags, subjectOf } from "./subject.ts";
import { banRow } from "./view.ts";

interface Flags extends SubjectFlags {
  readonly reason: string;
  /** Milliseconds. */
  readonly expires?: number;
}

export default async function add(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const { reason, expires } = flags;
  const ban = await addBan(identityContext(this, sql), LOCAL_OPERATOR, {
    ...await subjectOf(sql, flags),
    reason,
    ...expires !== undefined && { expiresAt: new Date(this.clock.now() + expires) },
  });
  this.out.card({ kind: "ban.add", data: { ...banRow(ban) } });
}
