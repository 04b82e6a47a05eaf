import type { Pool } from "../../../db/mod.ts";
import { type BanSubject, getUser } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";

/** Whom a verb is about: exactly one of the two. */
export interface SubjectFlags {
  readonly user?: string;
  readonly address?: string;
}

/** Whom the flags name; a user is found by id, email or name. */
export async function subjectOf(sql: Pool, { user, address }: SubjectFlags): Promise<BanSubject> {
  if (user !== undefined && address === undefined) {
    return { kind: "user", subject: (await getUser(sql, user)).id };
  }
  if (address !== undefined && user === undefined) return { kind: "address", subject: address };
  throw new AppError("usage", "Expected exactly one of: --user, --address");
}
