import { openPool, type Pool } from "../db/mod.ts";
import type { CpuTimes } from "./processes.ts";
import { cpuTimes, findPostmaster, perRequest } from "./processes.ts";
import { type LoadOptions, type LoadResult, runLoad } from "./load.ts";
import type { BenchContext } from "./program.ts";
import { createTemplate } from "./request.ts";
import { countRows, type RowCounts } from "./rows.ts";
import { launchService, type RunningService, type ServiceOptions } from "./service.ts";
import { openSessions, type SessionWish } from "./sessions.ts";

/** The largest limit that the configuration takes: with it only the machine limits. */
export const UNLIMITED_CALLS = 1_000_000;

export const LIMITS_NOTE =
  `limits.yaml of the service under test has per_window ${UNLIMITED_CALLS} ` +
  "instead of 300, so that every call is allowed";

/** A service under test and a look into its database. */
export interface Bench {
  readonly service: RunningService;
  readonly sql: Pool;
  /** Pid of the embedded server; undefined for an external one. */
  readonly postmaster: number | undefined;
}

/** Starts a service in a temporary home, works with it and cleans up, also when interrupted. */
export async function withService<T>(
  context: BenchContext,
  options: Partial<ServiceOptions>,
  work: (bench: Bench) => Promise<T>,
): Promise<T> {
  const { self, env, services } = context;
  const service = await launchService({ self, env, services, ...options });
  const sql = openPool(service.database, { max: 2, applicationName: "spgov bench" });
  try {
    const postmaster = await findPostmaster(`${service.home}/postgres/data`);
    return await work({ service, sql, postmaster });
  } finally {
    await sql.end({ timeout: 5 });
    await service.stop();
  }
}

export interface Load {
  readonly connections: number;
  readonly tokens: readonly string[];
  readonly amount: LoadOptions["amount"];
  /** The payload of a run with this marker. */
  readonly body: (marker: string) => string;
  readonly rate?: number;
  readonly connectInside?: boolean;
  readonly onAnswer?: NonNullable<LoadOptions["onAnswer"]>;
  readonly signal?: AbortSignal;
}

/** What a run measured, and the rows that it left. */
export interface Driven {
  readonly load: LoadResult;
  readonly rows: RowCounts;
  /** CPU microseconds for each answered request, by thread of the service, database and generator. */
  readonly cpuUs: CpuTimes;
  readonly marker: string;
}

/** Puts load on the service and counts the rows afterwards. */
export async function drive({ service, sql, postmaster }: Bench, load: Load): Promise<Driven> {
  const marker = crypto.randomUUID();
  const since = Date.now() - 1000;
  const { hostname, port } = new URL(service.url);
  const body = load.body(marker);
  const templates = load.tokens.map((token) =>
    createTemplate({
      host: `${hostname}:${port}`,
      path: "/api/public/hooks/govern?plugin_id=bench",
      token,
      body,
    })
  );
  const before = cpuTimes(service.pid, postmaster);
  const result = await runLoad({
    ...load,
    hostname,
    port: Number(port),
    templates: (connection) => shareOf(templates, connection, load.connections),
  });
  const after = cpuTimes(service.pid, postmaster);
  return {
    load: result,
    rows: await countRows(sql, marker, since),
    cpuUs: perRequest(before, after, Math.max(1, result.answered)),
    marker,
  };
}

/** The sessions that a connection takes turns with; fewer sessions than connections are shared. */
function shareOf<T>(items: readonly T[], connection: number, connections: number): readonly T[] {
  const own = items.filter((_, index) => index % connections === connection);
  const shared = items[connection % items.length];
  return own.length > 0 || shared === undefined ? own : [shared];
}

/** Tokens of new sessions, one for each wish. */
export async function tokensFor(
  { service }: Bench,
  wishes: readonly SessionWish[],
): Promise<readonly string[]> {
  return (await openSessions(service, wishes)).map(({ token }) => token);
}

/** Tokens of `count` new sessions of the local operator. */
export async function tokens(bench: Bench, count: number): Promise<readonly string[]> {
  return await tokensFor(bench, Array.from({ length: count }, () => ({})));
}
