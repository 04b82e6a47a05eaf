import { AppError } from "../kernel/errors.ts";
import { type Ban, type BanSubject, deleteBan, upsertBan } from "./ban_store.ts";
import type { IdentityContext } from "./context.ts";
import { type Actor, identityEvent } from "./events.ts";

/** Bans a user or an address, until `expiresAt` or for good; an earlier ban of it is replaced. */
export async function addBan(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  ban: BanSubject & { readonly reason: string; readonly expiresAt?: Date },
): Promise<Ban> {
  if (ban.reason.trim() === "") throw new AppError("invalid", "Cannot ban without a reason");
  return await pool.begin(async (sql) => {
    const added = await upsertBan(sql, { ...ban, expiresAt: ban.expiresAt ?? null });
    const { kind, subject, reason, expiresAt } = added;
    const detail = { kind, subject, reason, expires_at: expiresAt?.toISOString() ?? null };
    await record(sql, [identityEvent(actor, "ban_added", detail)]);
    return added;
  }) as Ban;
}

/** Lifts a ban. Throws `not_found`. */
export async function removeBan(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  { kind, subject }: BanSubject,
): Promise<void> {
  await pool.begin(async (sql) => {
    if (!await deleteBan(sql, { kind, subject })) {
      throw new AppError("not_found", `Cannot find a ban of ${kind} ${JSON.stringify(subject)}`);
    }
    await record(sql, [identityEvent(actor, "ban_removed", { kind, subject })]);
  });
}
