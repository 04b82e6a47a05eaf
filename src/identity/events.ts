import type { Tier } from "../kernel/tiers.ts";
import type { Sql } from "../db/mod.ts";

/** What can happen to users, sessions and tokens; each is an `identity` row in the audit. */
export const IDENTITY_EVENTS = [
  "user_created",
  "user_updated",
  "role_changed",
  "user_suspended",
  "user_deleted",
  "user_anonymised",
  "department_created",
  "department_changed",
  "department_deleted",
  "group_created",
  "group_changed",
  "group_deleted",
  "session_created",
  "session_ended",
  "token_issued",
  "token_revoked",
  "signed_in",
  "signed_out",
  "sign_in_failed",
  "sign_in_link_created",
  "password_set",
  "password_cleared",
  "passkey_added",
  "passkey_removed",
  "account_linked",
  "account_unlinked",
  "ban_added",
  "ban_removed",
  "token_refused",
  "consent_given",
  "consent_refused",
  "consent_revoked",
  "client_created",
  "client_changed",
  "client_deleted",
] as const;
/** The name of such an event. */
export type IdentityEventName = typeof IDENTITY_EVENTS[number];

/** Who makes a change, and through what. */
export interface Actor {
  readonly userId: string;
  readonly role: Tier;
  readonly surface: "cli" | "api" | "mcp";
  readonly sessionId?: string;
  readonly clientId?: string;
  readonly traceId?: string;
  /** What the key reaches that is acted with; not given: whatever the role may. */
  readonly keyScopes?: readonly string[];
}

/** The local operator at the command line of the machine. */
export const LOCAL_OPERATOR: Actor = {
  userId: "operator",
  role: "admin",
  surface: "cli",
  clientId: "spgov-cli",
};

/** A row about an identity, before it has an id and a time. Fits the audit's input for such rows. */
export interface IdentityEvent extends Omit<Actor, "keyScopes"> {
  readonly kind: "identity";
  readonly target: `identity:${IdentityEventName}`;
  readonly decision: "ok" | "deny";
  readonly policy: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Writes the rows in the transaction of the change that they tell of: both or neither. */
export type RecordEvents = (sql: Sql, events: readonly IdentityEvent[]) => Promise<void>;

/**
 * An event that `actor` caused. A row about a session carries that session's id, so that a search for the
 * session finds how it came to be; the actor's own session, if any, then stands in the detail.
 */
export function identityEvent(
  { keyScopes: _, ...actor }: Actor,
  name: IdentityEventName,
  detail: Readonly<Record<string, unknown>>,
  sessionId?: string,
): IdentityEvent {
  const failed = name === "sign_in_failed" || name === "token_refused";
  return {
    ...actor,
    ...sessionId === undefined ? {} : { sessionId },
    kind: "identity",
    target: `identity:${name}`,
    decision: failed ? "deny" : "ok",
    policy: failed ? "auth_failure" : "none",
    detail: sessionId === undefined || actor.sessionId === undefined
      ? detail
      : { ...detail, actor_session: actor.sessionId },
  };
}
