import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import type { IdentityContext } from "./context.ts";
import type { Actor } from "./events.ts";
import { copyMemberships } from "./group_store.ts";
import { refuseAbove } from "./roles.ts";
import { deleteLocked } from "./user_changes.ts";
import { handOver, lockActiveAdmins, lockUser, setMergedInto, type User } from "./user_store.ts";

/** What became of two users that were one person. */
export interface Merged {
  readonly sourceId: string;
  readonly targetId: string;
  /** Groups that the target is in now and was not in before. */
  readonly groupsTransferred: number;
  /** Service accounts that the target answers for now. */
  readonly accountsTransferred: number;
}

/**
 * Merges `source` into `target`: groups and service accounts go over, the source is deleted and says where it went. What
 * opens something as the source (sessions, keys, passwords, passkeys) ends and never opens anything as the target: who
 * holds it was not asked. Roles stay as they are. Throws `not_found`, `conflict`, `invalid`, `denied`.
 */
export async function mergeUsers(
  context: IdentityContext,
  actor: Actor,
  sourceId: string,
  targetId: string,
): Promise<Merged> {
  if (sourceId === targetId) {
    throw new AppError("invalid", "Cannot merge a user into itself");
  }
  return await context.sql.begin(async (sql) => {
    // One order for everybody: the administrators, then by id. Two merges at once cannot wait for each other.
    await lockActiveAdmins(sql);
    for (const id of [sourceId, targetId].sort()) await lockUser(sql, id);
    const [source, target] = [await present(sql, sourceId), await present(sql, targetId)];
    refuseAbove(actor, target.roles);
    if (source.kind !== target.kind) {
      throw new AppError("invalid", "Cannot merge a person and a service account");
    }
    const groupsTransferred = await copyMemberships(sql, sourceId, targetId);
    const accountsTransferred = await handOver(sql, sourceId, targetId);
    await setMergedInto(sql, sourceId, targetId);
    const detail = {
      merged_into: targetId,
      groups_transferred: groupsTransferred,
      accounts_transferred: accountsTransferred,
    };
    await deleteLocked(context, sql, actor, sourceId, { detail, reason: "user_merged" });
    return { sourceId, targetId, groupsTransferred, accountsTransferred };
  }) as Merged;
}

async function present(sql: Sql, id: string): Promise<User> {
  const user = await lockUser(sql, id);
  if (user && user.status !== "deleted") return user;
  throw new AppError("not_found", `Cannot find the user ${JSON.stringify(id)}`);
}
