import { type Actor, type IdentityEvent, identityEvent, type IdentityEventName } from "./events.ts";
import { type PersonalDetail, sealPersonal } from "./personal_details.ts";
import { sameRoles } from "./roles.ts";
import { changesBetween } from "./user_rules.ts";
import type { User } from "./user_store.ts";

/** A row about a user, and what it commits to: email and names can be erased, the row cannot. */
export interface UserEvent {
  readonly event: IdentityEvent;
  readonly personal?: PersonalDetail;
}

/** Names of fields that say who somebody is. */
const PERSONAL: ReadonlySet<string> = new Set([
  ...["email", "name", "full_name", "display_name", "description"],
]);

/** A row about `user`. `detail` says nothing personal. */
export function userEvent(
  actor: Actor,
  name: IdentityEventName,
  user: User,
  detail: Readonly<Record<string, unknown>> = {},
  personal: Readonly<Record<string, unknown>> = {},
): UserEvent {
  const sealed = sealPersonal(user.id, { email: user.email, name: user.name, ...personal });
  const subject = { user: subjectOf(user), ...detail, personal: sealed.commitment };
  return { event: identityEvent(actor, name, subject), personal: sealed };
}

/** The rows of a change: what was updated, suspended, and which roles were given or taken. */
export function updateEvents(actor: Actor, before: User, after: User): UserEvent[] {
  const { status, ...changes } = changesBetween(before, after);
  const suspended = status !== undefined && after.status === "suspended";
  const updated = status === undefined || suspended ? changes : { ...changes, status };
  const events: UserEvent[] = [];
  if (Object.keys(updated).length > 0) events.push(updatedEvent(actor, after, updated));
  if (suspended) events.push(userEvent(actor, "user_suspended", after, { from: before.status }));
  if (!sameRoles(before.roles, after.roles)) {
    events.push(userEvent(actor, "role_changed", after, { from: before.roles, to: after.roles }));
  }
  return events;
}

/** The row names what changed; what it was and is stands in the row, where it is personal beside it. */
function updatedEvent(
  actor: Actor,
  user: User,
  changes: Readonly<Record<string, unknown>>,
): UserEvent {
  const entries = Object.entries(changes);
  const open = entries.filter(([name]) => !PERSONAL.has(name));
  const personal = entries.filter(([name]) => PERSONAL.has(name));
  const changed = entries.map(([name]) => name).sort();
  const detail = { changed, changes: Object.fromEntries(open) };
  return userEvent(actor, "user_updated", user, detail, {
    ...personal.length > 0 && { changes: Object.fromEntries(personal) },
  });
}

/** How a user stands in an audit row. */
function subjectOf(user: User): Readonly<Record<string, unknown>> {
  return {
    id: user.id,
    kind: user.kind,
    status: user.status,
    roles: user.roles,
    department: user.department,
  };
}
