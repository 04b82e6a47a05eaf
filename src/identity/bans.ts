import { AppError } from "../kernel/errors.ts";
import type { Sql } from "../db/mod.ts";
import { findNetwork, Networks } from "../kernel/networks.ts";
import {
  type Ban,
  type BanSubject,
  deleteBan,
  findBans,
  listAddressBans,
  upsertBan,
} from "./ban_store.ts";
import type { IdentityContext } from "./context.ts";
import { type Actor, identityEvent } from "./events.ts";

/**
 * Bans a user, a device, an address or a network (`10.0.0.0/8`), until `expiresAt` or for good; an earlier ban of it is
 * replaced. It counts everywhere in under a second.
 */
export async function addBan(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  ban: BanSubject & { readonly reason: string; readonly expiresAt?: Date },
): Promise<Ban> {
  if (ban.reason.trim() === "") throw new AppError("invalid", "Cannot ban without a reason");
  const whom = canonical(ban);
  return await pool.begin(async (sql) => {
    const added = await upsertBan(sql, {
      ...whom,
      reason: ban.reason,
      expiresAt: ban.expiresAt ?? null,
      source: actor.surface,
      createdBy: actor.userId,
    });
    const { kind, subject, reason, expiresAt } = added;
    const detail = { kind, subject, reason, expires_at: expiresAt?.toISOString() ?? null };
    await record(sql, [identityEvent(actor, "ban_added", detail)]);
    return added;
  }) as Ban;
}

/** Lifts a ban and answers whose it was. Throws `not_found`. */
export async function removeBan(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  ban: BanSubject,
): Promise<BanSubject> {
  const { kind, subject } = canonical(ban);
  await pool.begin(async (sql) => {
    if (!await deleteBan(sql, { kind, subject })) {
      throw new AppError("not_found", `Cannot find a ban of ${kind} ${JSON.stringify(subject)}`);
    }
    await record(sql, [identityEvent(actor, "ban_removed", { kind, subject })]);
  });
  return { kind, subject };
}

/** The bans in force of a user or device, or of an address by whatever network holds it. Throws `invalid`. */
export async function findBansOf(sql: Sql, about: BanSubject): Promise<Ban[]> {
  const { kind, subject } = canonical(about);
  if (kind !== "address") return await findBans(sql, kind, [subject]);
  const networks = (await listAddressBans(sql)).flatMap(({ subject }) => {
    const network = findNetwork(subject);
    return network ? [[network, subject] as const] : [];
  });
  const holding = new Networks(networks).at(subject);
  return await findBans(sql, kind, [...new Set([...holding, subject])]);
}

/** One spelling of each address, so that a ban is found however it is written. */
function canonical({ kind, subject }: BanSubject): BanSubject {
  if (kind !== "address") return { kind, subject };
  const network = findNetwork(subject);
  if (network) return { kind, subject: network.text };
  throw new AppError("invalid", `${JSON.stringify(subject)} is no IP address and no network`, {
    hint: "Write 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32.",
  });
}
