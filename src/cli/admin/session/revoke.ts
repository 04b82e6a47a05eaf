import {
  countSessions,
  endSessions,
  getUser,
  LOCAL_OPERATOR,
  type Session,
} from "../../../identity/mod.ts";
import type { Pool } from "../../../db/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { identityContext } from "../../audit.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

interface Flags {
  readonly user?: string;
  readonly all: boolean;
  readonly yes: boolean;
}

export default async function revoke(
  this: CliContext,
  flags: Flags,
  sessionId: string | undefined,
): Promise<void> {
  const chosen = [sessionId !== undefined, flags.user !== undefined, flags.all];
  if (chosen.filter(Boolean).length !== 1) {
    throw new AppError("usage", "Expected exactly one of: the id of a session, --user, --all");
  }
  const { sql } = await openDatabase(this);
  const ended = sessionId === undefined
    ? await revokeMany(this, sql, flags)
    : await endSessions(identityContext(this, sql), LOCAL_OPERATOR, { id: sessionId });
  const ids = ended.map(({ id }) => id);
  this.out.list({
    kind: "session.revoke",
    items: ids,
    data: { ended: ids, count: ids.length },
    empty: "No session to end: it had ended already.",
  });
}

async function revokeMany(
  context: CliContext,
  sql: Pool,
  flags: Flags,
): Promise<readonly Session[]> {
  const user = flags.user === undefined ? undefined : await getUser(sql, flags.user);
  const owner = user ? { userId: user.id } : {};
  const count = await countSessions(sql, { ...owner, active: true });
  const whose = user ? ` of ${user.name}` : "";
  if (count > 0) await confirm(context, `End ${count} sessions${whose}?`, flags.yes);
  const selector = user ? { userId: user.id } : { all: true } as const;
  return await endSessions(identityContext(context, sql), LOCAL_OPERATOR, selector);
}
