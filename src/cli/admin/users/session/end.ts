import { endSessions, getUser, type Session } from "../../../../identity/mod.ts";
import { AppError } from "../../../../kernel/errors.ts";
import { operatorOf } from "../../../actor.ts";
import { identityContext } from "../../../audit.ts";
import { confirm } from "../../../confirm.ts";
import type { CliContext } from "../../../context.ts";
import { openDatabase } from "../../../database.ts";

interface Flags {
  readonly user?: string;
  readonly all: boolean;
  readonly yes: boolean;
}

export default async function end(
  this: CliContext,
  { user, all, yes }: Flags,
  sessionId: string | undefined,
): Promise<void> {
  const isOne = sessionId !== undefined && user === undefined && !all;
  const isAllOfUser = sessionId === undefined && user !== undefined && all;
  if (!isOne && !isAllOfUser) {
    throw new AppError("usage", "Expected the id of a session, or --user with --all");
  }
  const { sql } = await openDatabase(this);
  const identity = identityContext(this, sql);
  let ended: readonly Session[];
  if (sessionId !== undefined) {
    ended = await endSessions(identity, operatorOf(this), { id: sessionId });
  } else {
    const { id, name } = await getUser(sql, user ?? "");
    await confirm(this, `End all sessions of ${name}?`, yes);
    ended = await endSessions(identity, operatorOf(this), { userId: id });
  }
  const ids = ended.map(({ id }) => id);
  this.out.list({
    kind: "users.session.end",
    items: ids,
    data: { ended: ids, count: ids.length },
    empty: "No session to end: it had ended already.",
  });
}
