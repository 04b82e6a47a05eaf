import { countSessions, getUser, listSessions } from "../../../../identity/mod.ts";
import type { CliContext } from "../../../context.ts";
import { openDatabase } from "../../../database.ts";
import { SESSION_COLUMNS, sessionRow } from "../view.ts";

interface Flags {
  readonly active: boolean;
  readonly limit: number;
}

export default async function list(
  this: CliContext,
  { active, limit }: Flags,
  reference: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const filter = { userId: (await getUser(sql, reference)).id, active };
  const rows = (await listSessions(sql, filter, { limit, offset: 0 }))
    .map((session) => sessionRow(session, this.clock.now()));
  this.out.table({
    kind: "users.session.list",
    rows,
    columns: SESSION_COLUMNS,
    data: { sessions: rows, total: await countSessions(sql, filter), limit },
    empty: "No session.",
  });
}
