import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

/** Connections that one part of a service holds. */
export interface Connections {
  /** `spgov gateway-0 audit` */
  readonly application: string;
  readonly connections: number;
  /** Those that run a statement or hold a transaction. */
  readonly busy: number;
}

/** Who of us is connected to the database. */
export async function countConnections(context: CliContext): Promise<readonly Connections[]> {
  const { sql } = await openDatabase(context);
  return await sql<Connections[]>`
    select application_name as application, count(*)::int as connections,
           count(*) filter (where state <> 'idle')::int as busy
      from pg_stat_activity
     where datname = current_database() and application_name like 'spgov %'
       and pid <> pg_backend_pid()
     group by application_name order by application_name`;
}

/** Memory of a process that is not swapped out, in bytes; undefined where the host does not tell. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
