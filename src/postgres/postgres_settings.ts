/** What differs between an appliance and a test. */
export interface ServerTuning {
  /** Megabytes of PostgreSQL's own cache; default 256. */
  readonly sharedBuffersMb?: number;
  /** Default 100. */
  readonly maxConnections?: number;
}

/** Only the socket, only with a password. */
export const HBA = "local all all scram-sha-256\n";

/** Lines that `postgresql.conf` ends with: ours, then the operator's own, beside the data folder. */
export const INCLUDES = "\ninclude 'spgov.conf'\ninclude_if_exists '../local.conf'\n";

function quote(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/**
 * `spgov.conf`, written anew at each start. An append-only workload: few large commits, no long
 * queries, crash safety at full strength. Statement texts are never logged: they could hold data.
 */
export function settingsText(log: string, tuning: ServerTuning): string {
  const settings: Readonly<Record<string, string | number>> = {
    listen_addresses: "",
    max_connections: tuning.maxConnections ?? 100,
    superuser_reserved_connections: 3,
    reserved_connections: 5,
    password_encryption: "scram-sha-256",

    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",

    shared_buffers: `${tuning.sharedBuffersMb ?? 256}MB`,
    effective_cache_size: "1GB",
    work_mem: "8MB",
    maintenance_work_mem: "64MB",
    max_wal_size: "4GB",
    wal_buffers: "16MB",
    wal_compression: "pglz",
    checkpoint_timeout: "15min",
    checkpoint_completion_target: "0.9",
    random_page_cost: "1.1",
    jit: "off",
    max_parallel_workers_per_gather: 1,
    autovacuum_naptime: "15s",
    autovacuum_vacuum_cost_delay: "1ms",

    log_timezone: "UTC",
    timezone: "UTC",
    logging_collector: "on",
    log_destination: "stderr",
    log_directory: log,
    log_filename: "postgres-%a.log",
    log_rotation_age: "1d",
    log_rotation_size: 0,
    log_truncate_on_rotation: "on",
    log_file_mode: "0600",
    log_line_prefix: "%m [%p] %q%u@%d ",
    log_checkpoints: "off",
    log_min_error_statement: "panic",
    log_statement: "none",
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${typeof value === "number" ? value : quote(value)}\n`)
    .join("");
}

/** Nothing of our environment reaches the server: variables could change its behaviour. */
export const SERVER_ENVIRONMENT: Readonly<Record<string, string>> = {
  LANG: "C",
  LC_ALL: "C",
  TZ: "UTC",
  PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
};
