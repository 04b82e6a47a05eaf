import { openPool } from "../../src/db/mod.ts";
import type { TestService } from "./service.ts";

/** A row of the audit as far as tests look at it. */
export interface SeenRow {
  readonly id: string;
  readonly kind: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly taskId: string;
  readonly traceId: string;
  readonly contextId: string;
  readonly role: string;
  readonly target: string;
  readonly decision: string;
  readonly policy: string;
  // deno-lint-ignore no-explicit-any
  readonly detail: any;
}

/** What a call changed. */
export interface Changes {
  /** Rows that were added, in order. */
  readonly rows: readonly SeenRow[];
  /** Windows whose use changed, by key: by how much. */
  readonly windows: Readonly<Record<string, number>>;
  /** Tables other than the audit and the windows whose number of rows changed; jobs run meanwhile. */
  readonly others: readonly string[];
}

interface Snapshot {
  readonly ids: ReadonlySet<string>;
  readonly windows: ReadonlyMap<string, number>;
  readonly counts: ReadonlyMap<string, number>;
}

/** Runs `work` and says what it changed in the database. Nothing else may use the service meanwhile. */
export async function changesOf<T>(
  service: TestService,
  work: () => Promise<T>,
): Promise<readonly [T, Changes]> {
  const sql = openPool(service.database, { max: 1, applicationName: "test watch" });
  try {
    const before = await look(sql);
    const result = await work();
    const rows = (await sql<SeenRow[]>`select * from audit order by created_at, id`)
      .filter(({ id }) => !before.ids.has(id));
    const after = await look(sql);
    return [result, {
      rows,
      windows: Object.fromEntries(
        [...after.windows].map(([key, used]) =>
          [key, used - (before.windows.get(key) ?? 0)] as const
        )
          .filter(([, used]) => used !== 0),
      ),
      others: [...after.counts].filter(([name, count]) => before.counts.get(name) !== count)
        .map(([name]) => name),
    }];
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function look(sql: ReturnType<typeof openPool>): Promise<Snapshot> {
  const ids = await sql<{ id: string }[]>`select id from audit`;
  const windows = await sql<{ key: string; used: number }[]>`select key, used from limit_windows`;
  const tables = await sql<{ name: string }[]>`
    select tablename as name from pg_tables
     where schemaname = 'public' and tablename not like 'audit%' and tablename <> 'limit_windows'
       and tablename not like 'job%'`;
  const counts = new Map<string, number>();
  for (const { name } of tables) {
    const [row] = await sql<{ n: number }[]>`select count(*)::int as n from ${sql(name)}`;
    counts.set(name, row?.n ?? 0);
  }
  return {
    ids: new Set(ids.map(({ id }) => id)),
    windows: new Map(windows.map(({ key, used }) => [key, used])),
    counts,
  };
}
