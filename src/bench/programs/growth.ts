import { type Found, loadProgram } from "../load_program.ts";
import { readCall } from "../payloads.ts";
import type { BenchContext, BenchProgram } from "../program.ts";
import { between, equal, figure, median } from "../report.ts";
import {
  type Bench,
  drive,
  type Driven,
  tokens,
  tokensFor,
  UNLIMITED_CALLS,
  withService,
} from "../scenario.ts";
import { extraBlocklist, seedRows } from "../seed.ts";
import { createUsers } from "../sessions.ts";

const ROWS = 10_000_000;
const RULES = 100;
const USERS = 200;
const SESSIONS = 100;
const ROUNDS = 6;
const ROUND_SECONDS = 10;
const WARM_UP_MS = 5000;

export const growth: BenchProgram = loadProgram({
  name: "growth",
  brief: "Whether it stays as fast: ten million rows, 100 more rules, 200 users",
  takes: "15 min",
  run,
});

/** One of the two services that are compared, and its callers. */
interface Side {
  readonly bench: Bench;
  readonly tokens: readonly string[];
  readonly runs: Driven[];
}

async function run(small: Bench, context: BenchContext): Promise<Found> {
  const rows = context.rows ?? ROWS;
  const a: Side = { bench: small, tokens: await tokens(small, SESSIONS), runs: [] };
  const options = { callsPerWindow: UNLIMITED_CALLS, prepare: addRules };
  return await withService(context, options, async (large) => {
    const b: Side = { bench: large, tokens: await grow(context, large, rows), runs: [] };
    for (const side of [a, b]) await load(side, WARM_UP_MS);
    const ms = (context.seconds ?? ROUNDS * ROUND_SECONDS) * 1000 / ROUNDS;
    for (let round = 0; round < ROUNDS && !context.signal.aborted; round++) {
      context.progress(`Round ${round + 1} of ${ROUNDS}`);
      // Each goes first half of the time: what the other left behind weighs the same on both.
      for (const side of round % 2 === 0 ? [a, b] : [b, a]) side.runs.push(await load(side, ms));
    }
    return compare(a, b, await countAll(large), rows);
  });
}

async function addRules(home: string): Promise<void> {
  const path = `${home}/services/governance/blocklist.yaml`;
  await Deno.writeTextFile(path, extraBlocklist(RULES), { append: true });
}

async function grow(context: BenchContext, bench: Bench, rows: number): Promise<readonly string[]> {
  await seedRows(bench.sql, rows, (done) => {
    if (done % 1_000_000 === 0 || done === rows) {
      context.progress(`${done} of ${rows} rows written`);
    }
  });
  context.progress(`Creating ${USERS} users`);
  const users = await createUsers(bench.service, USERS);
  const wishes = users.slice(0, SESSIONS).map((userId) => ({ userId }));
  const opened = await tokensFor(bench, wishes);
  await bench.sql`checkpoint`;
  return opened;
}

async function load({ bench, tokens }: Side, ms: number): Promise<Driven> {
  return await drive(bench, { connections: 100, tokens, body: readCall, amount: { ms } });
}

async function countAll(
  { sql }: Bench,
): Promise<{ readonly rows: number; readonly users: number }> {
  const [counts] = await sql<{ rows: number; users: number }[]>`
    select (select count(*) from audit)::int as rows, (select count(*) from users)::int as users
  `;
  return counts ?? { rows: 0, users: 0 };
}

function total(cpuUs: Driven["cpuUs"]): number {
  return Object.values(cpuUs).reduce((sum, us) => sum + us, 0);
}

function compare(
  a: Side,
  b: Side,
  found: { readonly rows: number; readonly users: number },
  rows: number,
): Found {
  const rate = ({ runs }: Side) => median(runs.map(({ load }) => load.perSecond));
  const p99 = ({ runs }: Side) => median(runs.map(({ load }) => load.latencyUs.p99 / 1000));
  const cpu = ({ runs }: Side) => median(runs.map(({ cpuUs }) => total(cpuUs)));
  const refused = [...a.runs, ...b.runs].reduce(
    (sum, { load }) => sum + load.sent - load.outcomes.allow,
    0,
  );
  return {
    measures: [
      between("large : small, throughput", rate(b) / rate(a), [0.85, 1.15]),
      figure("small: median", rate(a), "/s"),
      figure("large: median", rate(b), "/s"),
      figure("small: median p99", p99(a), "ms"),
      figure("large: median p99", p99(b), "ms"),
      figure("small: median CPU a request", cpu(a), "us"),
      figure("large: median CPU a request", cpu(b), "us"),
      figure("large: rows at the end", found.rows),
      figure("large: users", found.users),
      equal("not allowed", refused, 0),
    ],
    notes: [
      `Two services on the same machine take turns, ${ROUNDS} rounds; the ratio of the medians is judged, not the absolute figures`,
      `small: as shipped. large: ${rows} audit rows in this month's partition, ${RULES} more blocklist rules, ${USERS} users, ${SESSIONS} of them calling`,
    ],
    details: { small: a.runs, large: b.runs },
  };
}
