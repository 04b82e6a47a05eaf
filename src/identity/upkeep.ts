import type { Sql } from "../db/mod.ts";
import { deleteOverBrowserSessions } from "./browser_session_store.ts";
import { IDLE_MS } from "./browser_sessions.ts";
import { deleteExpiredPending } from "./federation/mod.ts";
import { deleteExpiredChallenges } from "./passkeys/mod.ts";
import { deleteLeftPersonalDetails } from "./personal_store.ts";
import { deleteExpiredLinks, deleteOldAttempts } from "./sign_in/mod.ts";

/**
 * Forgets cookies, links, challenges and attempts that count no more, and what stands beside rows of the audit that are
 * gone. What happened stays in the audit.
 */
export async function forgetOverSignIns(sql: Sql): Promise<void> {
  await deleteOverBrowserSessions(sql, IDLE_MS);
  await deleteExpiredLinks(sql);
  await deleteExpiredChallenges(sql);
  await deleteExpiredPending(sql);
  await deleteOldAttempts(sql);
  await deleteLeftPersonalDetails(sql);
}
