import type { Pool } from "../../../db/mod.ts";
import { type BanSubject, getUser } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";

/** Whom a verb is about: exactly one of them, or the address as its argument. */
export interface SubjectFlags {
  readonly user?: string;
  readonly address?: string;
  readonly device?: string;
}

/** Whom the flags or the argument name; a user is found by id, email or name. */
export async function subjectOf(
  sql: Pool,
  { user, address, device }: SubjectFlags,
  argument: string | undefined,
): Promise<BanSubject> {
  const given = [user, address, device, argument].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw new AppError("usage", "Expected exactly one of: an address, --user, --address, --device");
  }
  if (user !== undefined) return { kind: "user", subject: (await getUser(sql, user)).id };
  if (device !== undefined) return { kind: "device", subject: device };
  return { kind: "address", subject: address ?? argument ?? "" };
}
