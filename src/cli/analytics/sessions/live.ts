import { listLive } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { LimitFlag } from "../../flags.ts";
import { type ExportFlag, reportRows, rounded } from "../report.ts";

interface Flags extends LimitFlag, ExportFlag {}

/** A session is live as long as its last call is not older than this. */
const WINDOW_MS = 30 * 60_000;

export default async function live(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const now = this.clock.now();
  const { sessions, total } = await listLive(sql, new Date(now - WINDOW_MS), flags.limit);
  await reportRows(this, {
    kind: "analytics.sessions.live",
    name: "sessions",
    rows: sessions.map(({ sessionId, userId, role, startedAt, calls, last }) => ({
      session_id: sessionId,
      user_id: userId,
      user_type: role,
      started_at: startedAt?.toISOString() ?? null,
      duration_seconds: startedAt
        ? rounded(Math.max(0, last.getTime() - startedAt.getTime()) / 1000, 1)
        : null,
      request_count: calls,
      last_activity: last.toISOString(),
    })),
    beside: { active_count: total, timestamp: new Date(now).toISOString() },
    empty: "No session had a call in the last half hour.",
  }, flags);
}
