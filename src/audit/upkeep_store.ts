import type { Sql } from "../db/mod.ts";

/** Months of partitions that exist ahead of time. */
const MONTHS_AHEAD = 3;

/** Makes the partitions of this and the coming months where they are missing. Needs the owner. */
export async function ensurePartitions(sql: Sql): Promise<void> {
  await sql`
    select ensure_audit_partition(clock_timestamp() + make_interval(months => month))
      from generate_series(0, ${MONTHS_AHEAD}::int) as month
  `;
}

/** Removes windows that ended a while ago: sessions come and go. Needs the owner. */
export async function forgetWindows(sql: Sql): Promise<void> {
  await sql`
    delete from limit_windows
     where started_at + make_interval(secs => length_ms / 1000.0) < clock_timestamp() - interval '5 minutes'
  `;
}
