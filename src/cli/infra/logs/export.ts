import {
  type BundlePosition,
  exportBundle,
  type ExportCounts,
  exportRows,
  type RowFilter,
  type RowsPosition,
} from "../../../audit/mod.ts";
import type { Pool } from "../../../db/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { LogLevel } from "../../../kernel/log.ts";
import { exportLines, levelsFrom, type LinesPosition } from "../../../logs/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { PeriodFlags } from "../../flags.ts";
import { type ExportFormat, textFormat } from "./export_format.ts";
import { type Work, type Write, writeResumable } from "./resumable_file.ts";
import { loadSealKey } from "./seal_keys.ts";
import { plural } from "./words.ts";

interface Flags extends PeriodFlags {
  readonly format?: ExportFormat;
  readonly source: "audit" | "logs";
  readonly session?: string;
  readonly level?: LogLevel;
  readonly module?: string;
  readonly limit?: number;
  readonly output?: string;
  readonly resume: boolean;
}

type Counts = Partial<ExportCounts> & { rows: number };

export default async function exportLog(this: CliContext, flags: Flags): Promise<void> {
  const { output, resume } = flags;
  const source = sourceOf(flags);
  const format = flags.format ?? (source === "audit" ? "bundle" : "json");
  const toStdout = output === undefined || output === "-";
  refuseNonsense(this, { ...flags, source, format }, toStdout);
  const { sql } = await openDatabase(this, { statementTimeoutMs: 0 });
  const work = workOf(this, sql, { ...flags, source, format });
  if (toStdout) return this.out.note(describe(await writeStdout(this, work), source));
  const counts = await writeResumable(output, resume, work).catch((error) => {
    throw this.signal.aborted ? interrupted(output, error) : error;
  });
  this.out.note(describe(counts, source));
  const { unsealed, ...written } = counts;
  this.out.card({
    kind: "logs.export",
    data: {
      format,
      source,
      file: output,
      exported_count: counts.rows,
      ...written,
      ...unsealed !== undefined && { unsealed_rows: unsealed },
    },
  });
}

function sourceOf({ source, level, module }: Flags): "audit" | "logs" {
  return level === undefined && module === undefined ? source : "logs";
}

function refuseNonsense(
  { out }: CliContext,
  { source, format, resume, limit }: Flags,
  toStdout: boolean,
): void {
  if (toStdout && out.isJson) {
    throw new AppError("usage", 'Cannot print an export inside of "--json"', {
      hint: "Name a file by --output; without --json the lines go to standard output.",
    });
  }
  if (toStdout && resume) {
    throw new AppError(
      "usage",
      'Only an export to a file can be gone on with: name it by "--output"',
    );
  }
  if (source === "audit" && limit !== undefined) {
    throw new AppError("usage", "Only log lines take a limit: give the rows' period instead");
  }
  if (source === "logs" && format === "bundle") {
    throw new AppError("usage", "Log lines have no proof: choose another format than bundle");
  }
}

function interrupted(output: string, cause: unknown): AppError {
  return new AppError("unavailable", `The export of "${output}" was interrupted`, {
    cause,
    hint: "The same line with --resume goes on with it.",
  });
}

type Chosen = Flags & { readonly format: ExportFormat };
/** Any of the positions; each work gets its own back. */
type Position = BundlePosition | RowsPosition | LinesPosition;

function workOf(context: CliContext, sql: Pool, flags: Chosen): Work<Position, Counts> {
  const { format, source, since, until, session, level, module, limit } = flags;
  const name = JSON.stringify([format, source, since, until, session, level, module, limit]);
  const works = { bundle: bundleWork, audit: rowsWork, logs: linesWork };
  const run = works[format === "bundle" ? "bundle" : source](context, sql, flags);
  return {
    name,
    run: (write, from, reached) =>
      run(write, from as never, async (position) => {
        context.signal.throwIfAborted();
        await reached(position);
      }),
  };
}

const SNAPSHOT = "isolation level repeatable read read only";
type Run<P> = Work<P, Counts>["run"];

function bundleWork(context: CliContext, sql: Pool, filter: Chosen): Run<BundlePosition> {
  return async (write, resume, onPosition) => {
    const { keyId, publicKey } = await loadSealKey(context);
    const options = {
      ...rowFilter(filter),
      now: context.clock.now(),
      publicKeys: { [keyId]: publicKey },
      resume,
      onPosition,
    };
    return await sql.begin(SNAPSHOT, (tx) => exportBundle(tx, options, write)) as ExportCounts;
  };
}

function rowsWork(_: CliContext, sql: Pool, flags: Chosen): Run<RowsPosition> {
  const format = flags.format as Exclude<ExportFormat, "bundle">;
  return async (write, resume, onPosition) => {
    // Lines of the proof's own form, so that they can be compared with a bundle's.
    if (format === "jsonl") {
      const options = { ...rowFilter(flags), resume, onPosition };
      return { rows: await sql.begin(SNAPSHOT, (tx) => exportRows(tx, options, write)) as number };
    }
    const { head, item, tail } = textFormat(format, "audit");
    if (!resume) await write(head);
    let index = resume?.rows ?? 0;
    const options = {
      ...rowFilter(flags),
      resume,
      onPosition,
      format: (row: Parameters<NonNullable<ExportRowFormat>>[0]) =>
        item(
          { source: "audit", writer: "spgov", row: { ...row, createdAt: new Date(row.createdAt) } },
          index++,
        ),
    };
    const rows = await sql.begin(SNAPSHOT, (tx) => exportRows(tx, options, write)) as number;
    await write(tail(rows));
    return { rows };
  };
}

type ExportRowFormat = Parameters<typeof exportRows>[1]["format"];

function linesWork(_: CliContext, sql: Pool, flags: Chosen): Run<LinesPosition> {
  const format = flags.format as Exclude<ExportFormat, "bundle">;
  return async (write, resume, onPosition) => {
    const { head, item, tail } = textFormat(format, "logs");
    if (!resume) await write(head);
    const { level, module, session, since, until, limit } = flags;
    const rows = await exportLines(sql, {
      ...{ module, session, since, until, limit, resume, onPosition },
      levels: level === undefined ? undefined : levelsFrom(level),
      write: async (line, index) =>
        await write(item({ source: "logs", writer: "spgov", line }, index)),
    });
    await write(tail(rows));
    return { rows };
  };
}

function rowFilter({ since, until, session }: Chosen): RowFilter {
  return { since, until, session };
}

const FLUSH_CHARACTERS = 256 * 1024;

/** Lines to standard output, many at a time. */
async function writeStdout(
  { out }: CliContext,
  work: Work<Position, Counts>,
): Promise<Counts> {
  const stream = out.stream<string>({ kind: "logs.export", line: (text) => text });
  let waiting = "";
  const flush = (): void => {
    // The stream ends each item with a line feed.
    const end = waiting.lastIndexOf("\n");
    if (end >= 0) stream.write(waiting.slice(0, end));
    waiting = waiting.slice(end + 1);
  };
  const write: Write = (text) => {
    waiting += text;
    if (waiting.length >= FLUSH_CHARACTERS) flush();
  };
  const result = await work.run(write, undefined, () => Promise.resolve());
  flush();
  return result;
}

function describe(
  { rows, seals, unsealed = 0 }: Counts,
  source: "audit" | "logs",
): string {
  const sealed = seals === undefined ? "" : ` with ${plural(seals, "seal")}`;
  const left = unsealed > 0 ? `; the newest ${plural(unsealed, "row")} wait for a seal (10 s)` : "";
  return `Exported ${plural(rows, source === "audit" ? "row" : "line")}${sealed}${left}.`;
}
