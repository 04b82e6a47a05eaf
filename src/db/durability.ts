import type { Sql } from "./pool.ts";

/** A setting that lets the server forget what it has confirmed. */
export interface WeakSetting {
  readonly setting: string;
  readonly value: string;
  /** Where it is set: `server`, `role "x"`, `database "x"` or `role "x" in database "y"`. */
  readonly where: string;
}

interface ServerRow {
  readonly name: string;
  readonly setting: string;
}

interface OverrideRow {
  readonly role: string | null;
  readonly database: string | null;
  readonly entry: string;
}

const MUST_BE_ON = ["fsync", "full_page_writes"];

function isWeakCommit(value: string, replicated: boolean): boolean {
  const weak = replicated ? ["off", "local", "remote_write"] : ["off"];
  return weak.includes(value.toLowerCase()) || /^(false|no|0)$/i.test(value);
}

async function listServerSettings(sql: Sql): Promise<Map<string, string>> {
  const rows = await sql<ServerRow[]>`
    select name, setting from pg_settings
     where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'synchronous_standby_names')`;
  return new Map(rows.map((row) => [row.name, row.setting]));
}

/** Overrides for a role or a database; they count although this session may not be under them. */
async function listOverrides(sql: Sql): Promise<readonly OverrideRow[]> {
  return await sql<OverrideRow[]>`
    select r.rolname as role, d.datname as database, entry
      from pg_db_role_setting s
      cross join lateral unnest(s.setconfig) as entry
      left join pg_roles r on r.oid = s.setrole
      left join pg_database d on d.oid = s.setdatabase
     where entry like 'synchronous\_commit=%'
       and (s.setdatabase = 0 or d.datname = current_database())
       and (s.setrole = 0 or r.rolname in (session_user, current_user) or r.rolname like 'spgov\_%')`;
}

function whereOf({ role, database }: OverrideRow): string {
  if (role !== null && database !== null) return `role "${role}" in database "${database}"`;
  return role !== null ? `role "${role}"` : `database "${database ?? "*"}"`;
}

/**
 * The settings that what was committed could be lost by: `fsync`, `full_page_writes` and `synchronous_commit`,
 * the latter also where it is set for a role or a database. Empty when the server is durable. With synchronous
 * replicas `local` and `remote_write` count as weak too. The caller refuses to serve on a weak server.
 */
export async function checkDurability(sql: Sql): Promise<readonly WeakSetting[]> {
  const server = await listServerSettings(sql);
  const replicated = (server.get("synchronous_standby_names") ?? "") !== "";
  const weak: WeakSetting[] = MUST_BE_ON
    .map((setting) => ({ setting, value: server.get(setting) ?? "unknown", where: "server" }))
    .filter(({ value }) => value !== "on");
  const commit = server.get("synchronous_commit") ?? "unknown";
  if (isWeakCommit(commit, replicated)) {
    weak.push({ setting: "synchronous_commit", value: commit, where: "server" });
  }
  for (const row of await listOverrides(sql)) {
    const value = row.entry.slice(row.entry.indexOf("=") + 1);
    if (isWeakCommit(value, replicated)) {
      weak.push({ setting: "synchronous_commit", value, where: whereOf(row) });
    }
  }
  return weak;
}
