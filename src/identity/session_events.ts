import { type Actor, type IdentityEvent, identityEvent } from "./events.ts";
import type { NewSession, Session } from "./session_store.ts";

/** Why a session ended. */
export type EndReason =
  | "revoked"
  | "user_deleted"
  | "user_merged"
  | "signed_out"
  /** Nobody had used it for as long as an operator said. */
  | "unused"
  | "credentials_changed"
  /** The client gave its refresh token back, or the person took the consent back. */
  | "revoked_by_client"
  | "consent_revoked"
  | "client_deleted"
  /** Somebody used a code or a refresh token that had been used: one of two is a thief. */
  | "code_reused"
  | "refresh_token_reused";

/** A new session and its token: two rows. */
export function sessionOpenedEvents(
  actor: Actor,
  session: NewSession,
): IdentityEvent[] {
  const detail = {
    user_id: session.userId,
    audience: session.audience,
    role: session.role,
    client_id: session.clientId,
    expires_at: session.expiresAt.toISOString(),
    ...session.agent === null ? {} : { agent: session.agent },
    ...session.device ? { device: session.device } : {},
  };
  return [
    identityEvent(actor, "session_created", detail, session.id),
    identityEvent(actor, "token_issued", { ...detail, token_id: session.tokenId }, session.id),
  ];
}

/** An ended session and the token that is void with it: two rows each. A browser session has no token. */
export function sessionEndedEvents(
  actor: Actor,
  sessions: readonly Session[],
  reason: EndReason,
): IdentityEvent[] {
  return sessions.flatMap((session) => {
    const detail = { user_id: session.userId, reason };
    const sessionEnded = identityEvent(actor, "session_ended", detail, session.id);
    if (session.audience === "browser") return [sessionEnded];
    return [
      sessionEnded,
      identityEvent(actor, "token_revoked", { ...detail, token_id: session.tokenId }, session.id),
    ];
  });
}
