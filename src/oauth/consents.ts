import { type Actor, endSessions, type IdentityContext, identityEvent } from "../identity/mod.ts";
import { type Consent, type ConsentFilter, deleteConsents } from "./consent_store.ts";

/**
 * Takes consents back: the person is asked again, and what the client has of theirs ends at once, at every
 * resource. Answers what was taken back.
 */
export async function revokeConsents(
  context: IdentityContext,
  actor: Actor,
  filter: ConsentFilter,
): Promise<readonly Consent[]> {
  const revoked = await context.sql.begin(async (sql) => {
    const rows = await deleteConsents(sql, filter);
    const events = rows.map(({ userId, clientId, resource, scopes }) =>
      identityEvent(actor, "consent_revoked", {
        user_id: userId,
        client_id: clientId,
        resource,
        scopes,
      })
    );
    if (events.length > 0) await context.record(sql, events);
    return rows;
  }) as Consent[];
  for (const { userId, clientId } of revoked) {
    await endSessions(context, actor, { clientId, ofUser: userId }, "consent_revoked");
  }
  return revoked;
}
