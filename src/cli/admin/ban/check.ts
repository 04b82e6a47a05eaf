import { findBansOf } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { type SubjectFlags, subjectOf } from "./subject.ts";
import { banRow } from "./view.ts";

export default async function check(
  this: CliContext,
  flags: SubjectFlags,
  argument: string | undefined,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const { kind, subject } = await subjectOf(sql, flags, argument);
  const bans = (await findBansOf(sql, { kind, subject })).map(banRow);
  this.out.card({
    kind: "ban.check",
    data: { kind, subject, is_banned: bans.length > 0, bans },
  });
}
