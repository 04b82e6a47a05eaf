import {
  listUsersAfter,
  OPERATOR_ID,
  type User,
  type UserFilter,
} from "../../../../identity/mod.ts";
import type { Pool } from "../../../../db/mod.ts";
import { AppError } from "../../../../kernel/errors.ts";
import type { CliContext } from "../../../context.ts";
import type { FilterFlags } from "../flags.ts";

export interface BulkFlags extends FilterFlags {
  /** Days since the user was created. */
  readonly olderThan?: number;
  readonly limit: number;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

const DAY_MS = 86_400_000;

/** The users that the filter means, never the operator. Throws `usage` without any filter. */
export async function selectUsers(
  { clock }: CliContext,
  sql: Pool,
  { role, status, olderThan, limit }: BulkFlags,
): Promise<User[]> {
  if (role === undefined && status === undefined && olderThan === undefined) {
    throw new AppError("usage", "Expected at least one of: --role, --status, --older-than");
  }
  if (status === "deleted") throw new AppError("usage", "Deleted users stay as they are");
  const filter: UserFilter = {
    ...role !== undefined && { role },
    ...status !== undefined && { status },
    ...olderThan !== undefined && { before: new Date(clock.now() - olderThan * DAY_MS) },
  };
  const users = await listUsersAfter(sql, filter, "", limit + 1);
  return users.filter(({ id }) => id !== OPERATOR_ID).slice(0, limit);
}
