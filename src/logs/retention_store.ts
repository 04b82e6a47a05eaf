import type { Sql } from "../db/mod.ts";
import { lowestUuidV7 } from "../kernel/ids.ts";
import type { LogLevel } from "../kernel/log.ts";

/** Lines of a level that are older than `before`; one that a collector waits for only when older than `waitUntil`. */
export interface OldLines {
  readonly level: LogLevel;
  readonly before: Date;
  readonly waitUntil: Date;
  /** Of this module or isolate only. */
  readonly module?: string;
}

/** Collectors that were not wanted for this long are not waited for. */
const FORGOTTEN = "1 day";

function conditions(sql: Sql, { level, before, waitUntil, module }: OldLines): ReturnType<Sql> {
  return sql`
    l.level = ${level} and l.id < ${lowestUuidV7(before.getTime())}
    ${module === undefined ? sql`` : sql`and (l.module = ${module} or l.isolate = ${module})`}
    and (l.id < ${lowestUuidV7(waitUntil.getTime())} or not exists (
      select 1 from log_sinks s
        left join log_cursors c on c.sink = s.name and c.source = 'logs' and c.writer = l.writer
       where s.wanted_at > clock_timestamp() - ${FORGOTTEN}::interval and s.has_lines
         and coalesce(c.position, 0) < l.n))
  `;
}

/** Removes some of the old lines; answers how many there were. */
export async function removeOldLines(sql: Sql, old: OldLines, limit: number): Promise<number> {
  const { count } = await sql`
    delete from logs d using (
      select l.id from logs l where ${conditions(sql, old)} order by l.id limit ${limit}
    ) o where d.level = ${old.level} and d.id = o.id
  `;
  return count;
}

export async function countOldLines(sql: Sql, old: OldLines): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from logs l where ${conditions(sql, old)}
  `;
  return row?.count ?? 0;
}

/** Empties the table. */
export async function removeAllLines(sql: Sql): Promise<number> {
  const { count } = await sql`delete from logs`;
  return count;
}
