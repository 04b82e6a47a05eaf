import { countSessions, getUser, listSessions } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { PageFlags } from "../users/flags.ts";
import { SESSION_COLUMNS, sessionRow } from "../users/view.ts";

interface Flags extends PageFlags {
  readonly user?: string;
  readonly active: boolean;
}

export default async function list(this: CliContext, flags: Flags): Promise<void> {
  const { user, active, limit, offset } = flags;
  const { sql } = await openDatabase(this);
  const owner = user === undefined ? {} : { userId: (await getUser(sql, user)).id };
  const filter = { ...owner, active };
  const sessions = await listSessions(sql, filter, { limit, offset });
  const rows = sessions.map((session) => sessionRow(session, this.clock.now()));
  const total = await countSessions(sql, filter);
  this.out.table({
    kind: "session.list",
    rows,
    columns: SESSION_COLUMNS,
    data: { sessions: rows, total, limit, offset },
    empty: "No session.",
  });
}
