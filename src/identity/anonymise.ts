import { AppError } from "../kernel/errors.ts";
import { eraseTraces } from "./anonymise_store.ts";
import type { IdentityContext } from "./context.ts";
import { type Actor, identityEvent } from "./events.ts";
import { deletePersonalDetails } from "./personal_store.ts";
import { refuseAbove } from "./roles.ts";
import { deleteLocked } from "./user_changes.ts";
import { eraseUserFields, lockActiveAdmins, lockUser, type User } from "./user_store.ts";

/** What is left of a user who was erased. */
export interface Anonymised {
  readonly user: User;
  /** Rows of the audit that say nothing of who it was any more. */
  readonly rowsCleared: number;
}

/**
 * Erases who somebody was: the user is deleted, name, email, addresses and means of signing in are gone, and rows of the
 * audit keep an id and a hash only. No row changes, so that the chain still verifies. Cannot be undone; a second time
 * changes nothing. Rows about calls keep the client's address and what was sent until the audit's retention.
 * Throws `not_found`, `conflict` (the operator, the last administrator), `denied`.
 */
export async function anonymiseUser(
  context: IdentityContext,
  actor: Actor,
  id: string,
): Promise<Anonymised> {
  return await context.sql.begin(async (sql) => {
    await lockActiveAdmins(sql);
    const before = await lockUser(sql, id);
    if (!before) throw new AppError("not_found", `Cannot find the user ${JSON.stringify(id)}`);
    refuseAbove(actor, before.roles);
    if (before.anonymisedAt !== null) return { user: before, rowsCleared: 0 };
    if (before.status !== "deleted") await deleteLocked(context, sql, actor, id);
    const user = await eraseUserFields(sql, id);
    await eraseTraces(sql, id);
    const rowsCleared = await deletePersonalDetails(sql, id);
    const detail = {
      user: { id, kind: user.kind, status: user.status },
      rows_cleared: rowsCleared,
    };
    await context.record(sql, [identityEvent(actor, "user_anonymised", detail)]);
    return { user, rowsCleared };
  }) as Anonymised;
}
