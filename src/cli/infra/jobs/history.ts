import { getJob, listRuns, type RunStatus } from "../../../jobs/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { CursorFlag, LimitFlag } from "../../flags.ts";
import { RUN_COLUMNS, runRow } from "./view.ts";

interface Flags extends LimitFlag, CursorFlag {
  readonly job?: string;
  readonly status?: RunStatus;
}

export default async function history(this: CliContext, flags: Flags): Promise<void> {
  const { job, status, limit, cursor } = flags;
  if (job !== undefined) getJob(job);
  if (cursor !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(cursor)) {
    throw new AppError("invalid", `${JSON.stringify(cursor)} is no cursor of this list`);
  }
  const { sql } = await openDatabase(this);
  const found = await listRuns(sql, {
    ...job !== undefined && { job },
    ...status !== undefined && { status },
    ...cursor !== undefined && { before: cursor },
    limit: limit + 1,
  });
  const entries = found.slice(0, limit).map(runRow);
  const next = found.length > limit ? entries.at(-1)?.run_id : undefined;
  this.out.table({
    kind: "jobs.history",
    rows: entries,
    columns: RUN_COLUMNS,
    data: { entries, total: entries.length },
    ...next !== undefined && { hints: { cursor: next } },
    empty: "No run.",
  });
}
