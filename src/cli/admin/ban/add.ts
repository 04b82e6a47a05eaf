import { addBan } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { type SubjectFlags, subjectOf } from "./subject.ts";
import { banRow } from "./view.ts";

interface Flags extends SubjectFlags {
  readonly reason: string;
  /** Milliseconds. */
  readonly expires?: number;
  /** The same. */
  readonly duration?: number;
  readonly permanent: boolean;
}

export default async function add(
  this: CliContext,
  flags: Flags,
  argument: string | undefined,
): Promise<void> {
  const { reason, expires, duration, permanent } = flags;
  const lasts = expires ?? duration;
  if ([expires !== undefined, duration !== undefined, permanent].filter(Boolean).length > 1) {
    throw new AppError("usage", "Expected one of: --expires, --duration, --permanent");
  }
  const { sql } = await openDatabase(this);
  const ban = await addBan(identityContext(this, sql), operatorOf(this), {
    ...await subjectOf(sql, flags, argument),
    reason,
    ...lasts !== undefined && { expiresAt: new Date(this.clock.now() + lasts) },
  });
  this.out.card({ kind: "ban.add", data: { ...banRow(ban) } });
}
