import {
  closeOpenCalls,
  dropOldPartitions,
  findHold,
  findUnsealed,
  listPartitions,
  verify,
} from "../../audit/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import type * as z from "zod";
import type { JobContext, JobResult } from "../job.ts";
import type { AUDIT_RETENTION, OPEN_CALLS, SEAL_CHECK } from "../parameters.ts";

/** Whole months that are older than is configured go, but for those that a hold reaches into. */
export async function auditRetention(
  context: JobContext<z.output<typeof AUDIT_RETENTION>>,
): Promise<JobResult> {
  const { sql, clock, keys, writer, parameters, signal } = context;
  const { keep_months: months, dry_run } = parameters;
  if (months === 0) return { message: "Every month is kept", processed: 0 };
  const before = monthsAgo(new Date(clock.now()), months);
  if (dry_run) return await foretell(context, before);
  const results = await dropOldPartitions(sql, {
    before,
    policy: { keep_months: months },
    writer,
    actor: { userId: "scheduler", role: "service", surface: "cli", clientId: "jobs" },
    clock,
    sign: (_, body) => keys.signRetention(body),
    publicKey: await keys.sealPublicKey(),
    signal,
  });
  const dropped = results.filter((each) => "rows" in each);
  const held = results.filter((each) => "held" in each).map(({ partition }) => partition);
  const rows = dropped.reduce((sum, each) => sum + each.rows, 0);
  return { message: describe(dropped.length, rows, held), processed: dropped.length };
}

async function foretell({ sql }: JobContext<unknown>, before: Date): Promise<JobResult> {
  const due = (await listPartitions(sql)).filter(({ to }) => to <= before);
  const held: string[] = [];
  for (const { name, from, to } of due) {
    if (await findHold(sql, from, to) !== undefined) held.push(name);
  }
  const going = due.filter(({ name }) => !held.includes(name)).map(({ name }) => name);
  const list = going.length === 0 ? "nothing" : going.join(", ");
  return { message: `Would drop ${list}${heldText(held)}`, processed: 0 };
}

/** The beginning of the month that is `count` months before that of `now`. */
function monthsAgo(now: Date, count: number): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - count, 1));
}

function describe(months: number, rows: number, held: readonly string[]): string {
  return `Dropped ${months} months with ${rows} rows${heldText(held)}`;
}

function heldText(held: readonly string[]): string {
  return held.length === 0 ? "" : `; held: ${held.join(", ")}`;
}

/** Looked at in one run, at most: the next one goes on. */
const MOST_CALLS = 2_000_000;

/** Calls of which nothing was heard any more end as `timeout`. */
export async function openCalls(
  { sql, clock, writer, parameters, mark, signal, progress }: JobContext<
    z.output<typeof OPEN_CALLS>
  >,
): Promise<JobResult> {
  const { seen, closed, after } = await closeOpenCalls(sql, {
    before: new Date(clock.now() - parameters.after),
    after: typeof mark.after === "string" ? mark.after : undefined,
    writer,
    clock,
    most: MOST_CALLS,
    signal,
    onProgress: (count, ended) => progress(count, undefined, `${ended} closed`),
  });
  return {
    message: `Looked at ${seen} calls, closed ${closed}`,
    processed: closed,
    ...after !== undefined && { mark: { after } },
  };
}

const UNSEALED_MS = 2 * 60_000;
const FIRST_CHECK_MS = 24 * 3_600_000;

/** What was appended since the last check is sealed, and verifies. */
export async function sealCheck(
  { sql, clock, keys, mark }: JobContext<z.output<typeof SEAL_CHECK>>,
): Promise<JobResult> {
  const until = new Date(clock.now() - UNSEALED_MS);
  const since = typeof mark.until === "string"
    ? new Date(mark.until)
    : new Date(clock.now() - FIRST_CHECK_MS);
  const unsealed = await findUnsealed(sql, UNSEALED_MS);
  if (unsealed.length > 0) {
    const list = unsealed.map(({ writer, n, sealedTo }) =>
      `"${writer}" (n=${n}, sealed to ${sealedTo})`
    );
    throw new AppError("conflict", `Rows are not sealed: ${list.join(", ")}`);
  }
  const report = await verify(sql, {
    since,
    until,
    keys: [await keys.sealPublicKey()],
    maxFindings: 5,
  });
  if (!report.ok) {
    const list = report.findings.map(({ writer, what }) => `${writer ?? "the log"}: ${what}`);
    throw new AppError("conflict", `The audit does not verify: ${list.join("; ")}`, {
      hint: 'Run "spgov infra logs verify".',
    });
  }
  return {
    message: `Sealed and verified up to ${until.toISOString()}`,
    mark: { until: until.toISOString() },
  };
}
