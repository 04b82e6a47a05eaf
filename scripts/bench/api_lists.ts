/**
 * How long pages of the API's lists take, with each filter that they offer, beneath HTTP: checked, read, put
 * into words. Over a database of its own, migrated and otherwise empty, which is filled
 * first unless it was before:
 *
 *     deno run -A scripts/bench/api_lists.ts --url postgres://… [--users 100000] [--rows 3000000] [--rounds 40]
 *
 * Prints JSON: milliseconds for each filter.
 */
import { parseArgs } from "node:util";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { perform } from "../../src/http/api/perform.ts";
import { API_ROUTES, nameOf } from "../../src/http/api/table.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { parseDatabaseUrl } from "../../src/kernel/database_address.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    users: { type: "string", default: "100000" },
    rows: { type: "string", default: "3000000" },
    rounds: { type: "string", default: "40" },
  },
});

const sql = openPool(parseDatabaseUrl(values.url ?? Deno.env.get("DATABASE_URL") ?? ""), {
  max: 1,
  applicationName: "api bench",
});

/** Rare and frequent values of each column that can be filtered by. */
async function seedUsers(sql: Pool, users: number): Promise<void> {
  await sql`insert into departments (name) select 'dept ' || d from generate_series(0, 99) as d`;
  await sql`
    insert into users (id, email, name, status, roles, department)
    select lpad(to_hex(i), 8, '0') || '-0000-7000-8000-000000000000', 'u' || i || '@example.com',
           (array['Ada', 'Bob', 'Cy', 'Di'])[1 + i % 4] || ' ' || i,
           case when i % 50 = 0 then 'suspended' when i % 10 = 0 then 'deleted' else 'active' end,
           case when i % 10000 = 3 then array['admin', 'user'] when i % 100 = 1 then array['service']
                else array['user'] end,
           'dept ' || i % 100
      from generate_series(1, ${users}) as i
  `;
  await sql`analyze users`;
}

/** Spread over sixty days. One row in 25 is a denial, one in 500 an event, one user has few rows. */
async function seedRows(sql: Pool, rows: number): Promise<void> {
  await sql`
    select ensure_audit_partition(day) from generate_series(now() - interval '61 days', now(), '20 days') as day`;
  for (let from = 0; from < rows; from += 250_000) {
    await sql`
      insert into audit
      select id, at, kind, id, case when i % 100003 = 5 then 'rare' else 'user-' || i / 200 % 200 end,
             'ses_' || i / 200, 'none', md5((i / 4)::text), 'none', 'claude-code', 'user', 'hook',
             (array['tool:Bash', 'tool:Read', 'tool:Edit', 'mcp:github/create_issue'])[1 + i % 4],
             case when i % 25 = 7 then 'deny' when i % 25 = 8 then 'ok' else 'allow' end,
             case when i % 10007 = 7 then 'policy:rare' when i % 25 = 7 then 'secret_detection' else 'default_allow' end,
             jsonb_build_object('event', 'PreToolUse', 'reason', 'No rule objects', 'input', repeat('x', 200)),
             0, 900
        from (select i, at, case when i % 500 = 3 then 'identity' when i % 2 = 0 then 'decision' else 'outcome' end as kind,
                     (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3)
                      || '8' || substr(md5(i::text), 4, 15))::uuid as id
                from (select i, date_trunc('milliseconds', now() - interval '60 days' * (1 - i::float8 / ${rows})) as at
                        from generate_series(${from}::int, ${
      Math.min(rows, from + 250_000) - 1
    }::int) as i) t) r
    `;
  }
  await sql`analyze audit`;
}

const QUERIES: Readonly<Record<string, readonly string[]>> = {
  "GET /api/v1/users": [
    "",
    "limit=200",
    "status=active",
    "status=suspended",
    "kind=service",
    "role=user",
    "role=admin",
    "role=anonymous",
    "department=dept 7",
    "email=u777@example.com",
    "name_prefix=ada",
    "name_prefix=ada 9999",
    "name_prefix=nobody",
    "role=admin&department=dept 3&status=active",
    "role=service&name_prefix=di",
  ],
  "GET /api/v1/audit": [
    "",
    "limit=200",
    "kind=identity",
    "kind=outcome",
    "decision=deny",
    "decision=allow",
    "decision=cancelled",
    "policy=policy:rare",
    "policy=default_allow",
    "policy=none such",
    "user_id=user-7",
    "user_id=rare",
    "user_id=nobody",
    "session_id=ses_77",
    "trace_id=c4ca4238a0b923820dcc509a6f75849b",
    "surface=cli",
    "target=tool:Bash",
    "target=tool:Never",
    "user_id=user-7&target=tool:Never",
    "decision=deny&target=tool:Never",
    "user_id=rare&decision=deny",
    "since=SINCE",
    "until=UNTIL",
    "until=UNTIL&target=tool:Never&decision=allow",
  ],
};

const caller = {
  ...{ ok: true as const, userId: "operator", sessionId: "s", tokenId: "t", clientId: "c" },
  ...{ audience: "api" as const, tier: "admin" as const, department: undefined, agent: undefined },
  ...{ departments: [], groups: [], keyScopes: undefined, expiresAt: 0 },
};

/** Milliseconds of several pages of a list, following its cursor. */
async function measure(route: string, query: string, rounds: number): Promise<readonly number[]> {
  const found = API_ROUTES.find((each) => nameOf(each) === route);
  if (!found) throw new Error(`There is no route "${route}"`);
  const context = { sql, clock: systemClock, configuration: {} };
  const times: number[] = [];
  let cursor: string | undefined;
  for (let i = 0; i < rounds; i++) {
    const parameters = new URLSearchParams(query);
    if (cursor !== undefined) parameters.set("cursor", cursor);
    const started = performance.now();
    const { body } = await perform(found, context, { caller, may: () => true }, {
      ...{ route, token: undefined, address: "127.0.0.1", params: {}, body: undefined },
      ...{ ifMatch: undefined, ifNoneMatch: undefined, idempotencyKey: undefined },
      query: [...parameters],
      traceId: "0".repeat(32),
    });
    JSON.stringify(body);
    times.push(performance.now() - started);
    cursor = (body as { meta: { next: string | null } }).meta.next ?? undefined;
  }
  return times;
}

function summary(times: readonly number[]): Readonly<Record<string, number>> {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) * 100) / 100;
  return {
    first: Math.round((times[0] ?? 0) * 100) / 100,
    p50: at(0.5),
    p95: at(0.95),
    max: at(1),
  };
}

const started = performance.now();
const [{ present = 0 } = {}] = await sql<
  { present: number }[]
>`select count(*) as present from users`;
if (present < Number(values.users)) {
  await seedUsers(sql, Number(values.users));
  await seedRows(sql, Number(values.rows));
}
const seeded = Math.round((performance.now() - started) / 1000);
const day = 86_400_000;
const ms: Record<string, Readonly<Record<string, number>>> = {};
const all: number[] = [];
for (const [route, queries] of Object.entries(QUERIES)) {
  for (const text of queries) {
    const query = text.replace("SINCE", new Date(Date.now() - day).toISOString())
      .replace("UNTIL", new Date(Date.now() - 30 * day).toISOString());
    const times = await measure(route, query, Number(values.rounds));
    all.push(...times);
    ms[`${route}?${text}`] = summary(times);
  }
}
await sql.end();
const report = {
  users: Number(values.users),
  rows: Number(values.rows),
  seeded_s: seeded,
  ms,
  all: summary(all),
};
Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(report, undefined, 2)}\n`));
