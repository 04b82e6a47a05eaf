import type { Sql } from "../db/mod.ts";

/** A secret whose value has not changed for long. */
export interface OldSecret {
  readonly name: string;
  readonly rotatedAt: Date;
}

/** Secrets whose value was last changed before that moment, oldest first. Reads no value. */
export async function listOldSecrets(sql: Sql, before: Date): Promise<OldSecret[]> {
  return await sql<OldSecret[]>`
    select name, rotated_at from secrets where rotated_at < ${before} order by rotated_at, name
  `;
}

/** When the newest data key was made; undefined where there is none. */
export async function newestDataKeyAt(sql: Sql): Promise<Date | undefined> {
  const [row] = await sql<{ at: Date | null }[]>`select max(created_at) as at from vault_keys`;
  return row?.at ?? undefined;
}
