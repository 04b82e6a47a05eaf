import process from "node:process";
import postgres from "postgres";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import { parseExactly } from "../kernel/exact_json.ts";
import { surviveDriverFaults } from "./driver_faults.ts";
import { renewed } from "./renewed.ts";
import { makeSockets, type Sockets } from "./sockets.ts";

/** A pool of connections. Columns arrive in camelCase, `bigint` as number, `timestamptz` as Date, `jsonb` parsed. */
export type Pool = postgres.Sql;
/** A pool or the transaction that it lends: every store function takes one of these first. */
export type Sql = postgres.Sql | postgres.TransactionSql;
/** A message of the server that is no error. */
export type Notice = postgres.Notice;

/** How a pool behaves. */
export interface PoolOptions {
  /** The largest number of connections; they are opened when needed. */
  readonly max: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Default: notices are dropped. */
  readonly onnotice?: (notice: Notice) => void;
  /** Milliseconds after which the server cancels a statement; default none. */
  readonly statementTimeoutMs?: number;
  /** Milliseconds after which the server gives up waiting for a lock; default none. */
  readonly lockTimeoutMs?: number;
  /** Seconds after which an unused connection is closed; default never. */
  readonly idleTimeoutSeconds?: number;
  /** Seconds that opening a connection may take; default 10. */
  readonly connectTimeoutSeconds?: number;
  /** `as-is` leaves the names of columns alone: for statements that are not ours. */
  readonly columnNames?: "camel" | "as-is";
  /** Called whenever a connection ended, for whatever reason. */
  readonly onclose?: () => void;
  /** Called for notifications of channels that a connection of this pool listens to; see `listen`. */
  readonly onnotify?: (channel: string, payload: string) => void;
}

/** PostgreSQL's `bigint` as a number. Counts and microdollars fit; what does not is an error, never rounded. */
function parseBigint(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`The bigint ${text} is beyond what a number holds exactly`);
}

const INT8 = {
  to: 20,
  from: [20],
  serialize: (value: number | bigint): string => value.toString(),
  parse: parseBigint,
};

/** The driver's own reader is the engine's, which mistakes some keys. */
const JSON_TYPE = {
  to: 114,
  from: [114, 3802],
  serialize: (value: unknown): string => JSON.stringify(value),
  parse: parseExactly,
};

type Ssl = boolean | "require" | "prefer" | object;

function sslOf(address: DatabaseAddress): Ssl {
  const { tls } = address;
  if (tls === undefined || tls.mode === "disable") return false;
  if (tls.mode === "prefer" || tls.mode === "require") return tls.mode;
  const ca = tls.ca === undefined ? {} : { ca: tls.ca };
  if (tls.mode === "verify-full") return { rejectUnauthorized: true, host: address.host, ...ca };
  return { rejectUnauthorized: true, checkServerIdentity: () => undefined, ...ca };
}

/**
 * The driver reads `PG*` variables for whatever it is not told. They must not steer us, and an isolate
 * without the permission to read the environment must still be able to connect.
 */
function withoutEnvironment<T>(work: () => T): T {
  const saved = process.env;
  process.env = {};
  try {
    return work();
  } finally {
    process.env = saved;
  }
}

/** Retries start at once and stay frequent: a database that comes back is noticed within a second. */
function backoff(attempt: number): number {
  return Math.min(0.05 * 2 ** attempt, 1) * (0.75 + Math.random() / 4);
}

function sessionSettings(address: DatabaseAddress, options: PoolOptions): Record<string, string> {
  const { applicationName, statementTimeoutMs, lockTimeoutMs } = options;
  return {
    application_name: applicationName,
    TimeZone: "UTC",
    ...(statementTimeoutMs === undefined ? {} : { statement_timeout: `${statementTimeoutMs}` }),
    ...(lockTimeoutMs === undefined ? {} : { lock_timeout: `${lockTimeoutMs}` }),
    ...(address.role === undefined ? {} : { role: address.role }),
  };
}

/** A pool that is open in this isolate. */
export interface PoolStats {
  /** As it is shown in `pg_stat_activity`. */
  readonly name: string;
  /** Connections now, those that are being opened included. */
  readonly open: number;
  readonly max: number;
}

const openSockets = new Map<Sockets, Pick<PoolStats, "name" | "max">>();

/** The pools of this isolate; those of one name together. */
export function poolStats(): readonly PoolStats[] {
  const pools = new Map<string, PoolStats>();
  for (const [{ count }, { name, max }] of openSockets) {
    pools.set(name, { name, max, open: count + (pools.get(name)?.open ?? 0) });
  }
  return [...pools.values()];
}

/** The pool, whose end leaves no socket open. */
function endingWith(sockets: Sockets, sql: Pool): Pool {
  const end = sql.end.bind(sql);
  return Object.assign(sql, {
    async end(options?: { timeout?: number }): Promise<void> {
      await end(options);
      await sockets.close();
      openSockets.delete(sockets);
    },
  });
}

function connect(
  address: DatabaseAddress,
  options: PoolOptions,
  settings: Record<string, string>,
  keepAliveSeconds: number,
): Pool {
  surviveDriverFaults();
  const open = (onclose: () => void) => {
    const sockets = makeSockets(address, keepAliveSeconds);
    openSockets.set(sockets, { name: options.applicationName, max: options.max });
    const sql = withoutEnvironment(() =>
      postgres({
        host: address.host,
        port: address.port,
        database: address.database,
        user: address.user,
        ...(address.password === undefined ? {} : { password: address.password }),
        ssl: sslOf(address),
        max: options.max,
        idle_timeout: options.idleTimeoutSeconds,
        connect_timeout: options.connectTimeoutSeconds ?? 10,
        max_lifetime: null,
        keep_alive: null,
        backoff,
        prepare: true,
        fetch_types: true,
        // Names only: the driver's ready-made transform would rename the keys inside jsonb values too.
        ...(options.columnNames === "as-is"
          ? {}
          : { transform: { column: { from: postgres.toCamel, to: postgres.fromCamel } } }),
        types: { bigint: INT8, json: JSON_TYPE },
        onnotice: options.onnotice ?? (() => {}),
        onclose: () => {
          onclose();
          options.onclose?.();
        },
        connection: settings,
        // Known to the driver, not to its types.
        ...{ socket: sockets.open },
        ...(options.onnotify === undefined ? {} : { onnotify: options.onnotify }),
      })
    ) as unknown as Pool;
    return endingWith(sockets, sql);
  };
  // Where there is one connection only, nothing is left to wait for.
  return renewed(open, { retireSeconds: options.max === 1 ? 0 : 2 });
}

/** Opens a pool; the first query connects. End it with `pool.end({ timeout: seconds })`. */
export function openPool(address: DatabaseAddress, options: PoolOptions): Pool {
  return connect(address, options, sessionSettings(address, options), 30);
}

/**
 * One connection of its own, for the audit writer: never closed for idleness, keepalive after 5 s,
 * statements prepared, at most 3 s for a statement, 1 s for a lock, 5 s idle inside a transaction.
 * Reconnects by itself at the next query; a query that was running then fails and may have committed.
 */
export function openSingle(
  address: DatabaseAddress,
  options: Omit<PoolOptions, "max" | "idleTimeoutSeconds">,
): Pool {
  const single: PoolOptions = {
    statementTimeoutMs: 3000,
    lockTimeoutMs: 1000,
    connectTimeoutSeconds: 2,
    ...options,
    max: 1,
  };
  const settings = {
    ...sessionSettings(address, single),
    idle_in_transaction_session_timeout: "5000",
  };
  return connect(address, single, settings, 5);
}
