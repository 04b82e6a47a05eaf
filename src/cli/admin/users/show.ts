import { countSessions, getUser, listSessions } from "../../../identity/mod.ts";
import type { Pool } from "../../../db/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { cardView, tableView } from "../../output/view.ts";
import { SESSION_COLUMNS, sessionRow, userCard } from "./view.ts";

interface Flags {
  readonly sessions: boolean;
  readonly activity: boolean;
}

const SHOWN_SESSIONS = 20;

export default async function show(
  this: CliContext,
  flags: Flags,
  reference: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const user = await getUser(sql, reference);
  const page = { limit: SHOWN_SESSIONS, offset: 0 };
  const sessions = flags.sessions
    ? (await listSessions(sql, { userId: user.id }, page))
      .map((session) => sessionRow(session, this.clock.now()))
    : undefined;
  const activity = flags.activity ? await activityOf(sql, user.id) : undefined;
  this.out.report({
    kind: "users.show",
    data: { ...userCard(user), ...sessions && { sessions }, ...activity && { activity } },
    views: [
      cardView(userCard(user)),
      ...activity ? [cardView(activity, "Activity")] : [],
      ...sessions ? [tableView(SESSION_COLUMNS, sessions, "Sessions")] : [],
    ],
  });
}

async function activityOf(sql: Pool, userId: string): Promise<Readonly<Record<string, unknown>>> {
  const [last] = await listSessions(sql, { userId }, { limit: 1, offset: 0 });
  return {
    last_session_at: last?.createdAt ?? null,
    session_count: await countSessions(sql, { userId }),
    active_session_count: await countSessions(sql, { userId, active: true }),
  };
}
