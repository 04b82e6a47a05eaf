import { cleanLines, countLines, levelsFrom, type OldLines } from "../../../logs/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { LOG_LEVELS } from "../../../kernel/log.ts";
import { recordAdmin } from "../../audit.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { DryRunFlag, YesFlag } from "../../flags.ts";
import type { LineFlags } from "./line_view.ts";
import { plural } from "./words.ts";

interface Flags extends DryRunFlag, YesFlag, Pick<LineFlags, "level" | "module"> {
  readonly olderThan?: number;
  readonly keepLastDays?: number;
}

const DAY = 86_400_000;
const WAITING = 7 * DAY;

export default async function cleanup(this: CliContext, flags: Flags): Promise<void> {
  const cutoff = new Date(this.clock.now() - ageOf(flags));
  const levels = flags.level === undefined ? LOG_LEVELS : levelsFrom(flags.level);
  const old: OldLines[] = levels.map((level) => ({
    level,
    before: cutoff,
    waitUntil: new Date(cutoff.getTime() - WAITING),
    ...flags.module !== undefined && { module: flags.module },
  }));
  const { sql } = await openDatabase(this, { statementTimeoutMs: 0 });
  const found = await countLines(sql, old);
  if (!flags.dryRun && found > 0) {
    const question = `Remove ${plural(found, "log line")} from before ${cutoff.toISOString()}?`;
    await confirm(this, question, flags.yes);
  }
  const removed = flags.dryRun ? undefined : await cleanLines(sql, old, {
    signal: this.signal,
    onProgress: (count) => this.out.progress(`${count} removed`),
  });
  const count = removed ? Object.values(removed).reduce((sum, each) => sum + each, 0) : found;
  if (removed && count > 0) {
    const detail = { removed: count, before: cutoff.toISOString(), module: flags.module ?? null };
    const action = { target: "cli:infra logs cleanup", decision: "ok", detail } as const;
    await sql.begin((tx) => recordAdmin(this, tx, action));
  }
  this.out.card({
    kind: "logs.cleanup",
    data: {
      deleted_count: removed ? count : 0,
      would_delete: found,
      dry_run: flags.dryRun,
      cutoff_date: cutoff.toISOString(),
      vacuum_performed: false,
      ...removed && { by_level: removed },
    },
  });
}

function ageOf({ olderThan, keepLastDays }: Flags): number {
  if (olderThan !== undefined && keepLastDays !== undefined) {
    throw new AppError("usage", 'Give one of "--older-than" and "--keep-last-days", not both');
  }
  if (olderThan !== undefined) return olderThan;
  if (keepLastDays !== undefined) return keepLastDays * DAY;
  throw new AppError("usage", 'Give the age by "--older-than" or "--keep-last-days"');
}
