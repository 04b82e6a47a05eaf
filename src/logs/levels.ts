import type { Sql } from "../db/mod.ts";
import type { LogLevel, LogLevels } from "../kernel/log.ts";

/** The channel on which changes of levels are announced; the payload is the module. */
export const LEVELS_CHANNEL = "spgov_log_levels";
/** Stands for every module that has no level of its own. */
export const ALL_MODULES = "*";

/** A level that was set while running. */
export interface LevelChange {
  readonly module: string;
  readonly level: LogLevel;
  readonly setBy: string;
  readonly setAt: Date;
  /** Until when it holds; null is for good. */
  readonly until: Date | null;
}

/** The configured levels with what was set while running; what is over does not count. */
export function mergeLevels(
  configured: LogLevels,
  changes: readonly LevelChange[],
  now: number,
): LogLevels {
  const current = changes.filter(({ until }) => until === null || until.getTime() > now);
  const all = current.find(({ module }) => module === ALL_MODULES);
  const own = current.filter(({ module }) => module !== ALL_MODULES);
  return {
    level: all?.level ?? configured.level,
    modules: {
      ...configured.modules,
      ...Object.fromEntries(own.map(({ module, level }) => [module, level])),
    },
  };
}

export async function listLevelChanges(sql: Sql): Promise<LevelChange[]> {
  return await sql<LevelChange[]>`
    select module, level, set_by, set_at, until from log_levels
     where until is null or until > clock_timestamp() order by module
  `;
}

/** Sets the level of a module until it is cleared, or until `until`. */
export async function setLevel(
  sql: Sql,
  { module, level, setBy, until }: Omit<LevelChange, "setAt">,
): Promise<void> {
  await sql`
    insert into log_levels (module, level, set_by, until) values (${module}, ${level}, ${setBy}, ${until})
    on conflict (module) do update
       set level = excluded.level, set_by = excluded.set_by, set_at = clock_timestamp(),
           until = excluded.until
  `;
}

/** Gives modules their configured level back; all of them when none is named. */
export async function clearLevels(sql: Sql, module?: string): Promise<number> {
  const { count } = await sql`
    delete from log_levels ${module === undefined ? sql`` : sql`where module = ${module}`}
  `;
  return count;
}
