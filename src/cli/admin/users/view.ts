import type { Session, UsedSession, User } from "../../../identity/mod.ts";

/** A user as `--json` prints it. */
export interface UserView {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly status: string;
  readonly roles: readonly string[];
  readonly department: string | null;
  readonly created_at: Date;
}

/** What a line of a list says of a user. */
export function userRow(user: User): UserView {
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    status: user.status,
    roles: user.roles,
    department: user.department,
    created_at: user.createdAt,
  };
}

/** All that is known of a user. */
export function userCard(user: User): UserView & Readonly<Record<string, unknown>> {
  return {
    ...userRow(user),
    kind: user.kind,
    full_name: user.fullName,
    display_name: user.displayName,
    description: user.description,
    email_verified: user.emailVerified,
    owner_id: user.ownerId,
    merged_into: user.mergedInto,
    anonymised_at: user.anonymisedAt,
    updated_at: user.updatedAt,
  };
}

export const USER_COLUMNS = ["id", "name", "email", "status", "roles", "created_at"] as const;

/** A session as `--json` prints it. */
export interface SessionView {
  readonly session_id: string;
  readonly user_id: string;
  readonly role: string;
  readonly audience: string;
  readonly client_id: string;
  readonly agent: string | null;
  readonly ip_address: string | null;
  readonly user_agent: string | null;
  readonly device: string | null;
  readonly last_activity_at: Date | null;
  readonly state: "active" | "expired" | "revoked";
  readonly is_active: boolean;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly revoked_at: Date | null;
}

/** What is known of a session at the time `now`, in milliseconds. */
export function sessionRow(session: Session | UsedSession, now: number): SessionView {
  const state = session.revokedAt !== null
    ? "revoked"
    : session.expiresAt.getTime() <= now
    ? "expired"
    : "active";
  return {
    session_id: session.id,
    user_id: session.userId,
    role: session.role,
    audience: session.audience,
    client_id: session.clientId,
    agent: session.agent,
    ip_address: session.address ?? ("lastAddress" in session ? session.lastAddress : null),
    user_agent: session.userAgent,
    device: session.device,
    last_activity_at: "lastUsedAt" in session ? session.lastUsedAt : null,
    state,
    is_active: state === "active",
    created_at: session.createdAt,
    expires_at: session.expiresAt,
    revoked_at: session.revokedAt,
  };
}

export const SESSION_COLUMNS = [
  "session_id",
  "user_id",
  "role",
  "audience",
  "ip_address",
  "device",
  "state",
  "created_at",
  "last_activity_at",
  "expires_at",
] as const;
