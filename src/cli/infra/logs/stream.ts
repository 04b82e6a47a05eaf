import { followRows, type LogRow, rowDocument } from "../../../audit/mod.ts";
import { followLines, type LineDocument, lineDocument, type LogLine } from "../../../logs/mod.ts";
import type { LogLevel } from "../../../kernel/log.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { fit, harmless, pad } from "../../output/width.ts";
import { levelsOf, lineText } from "./line_view.ts";
import { textOf } from "./call_document.ts";

interface Flags {
  readonly source: "audit" | "logs";
  readonly level?: LogLevel;
  readonly module?: string;
  readonly interval: number;
  readonly clear: boolean;
  readonly decision?: string;
  readonly session?: string;
  readonly user?: string;
}

export default async function stream(this: CliContext, flags: Flags): Promise<void> {
  const wantsLines = flags.level !== undefined || flags.module !== undefined;
  if (flags.clear && !this.out.isJson) this.out.clear();
  if (flags.source === "logs" || wantsLines) return await streamLines(this, flags);
  await streamRows(this, flags);
}

async function streamLines(context: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(context);
  const lines = context.out.stream<LineDocument>({
    kind: "logs.line",
    line: (line) => lineText(line, context.clock.now(), { columns: undefined, color: false }),
  });
  const { signal } = context;
  const onReady = (): void => context.out.note("Following the log lines. Ctrl-C ends it.");
  const options = { signal, onReady, everyMs: flags.interval, levels: levelsOf(flags.level) };
  for await (const line of followLines(sql, options)) {
    if (isWantedLine(line, flags)) lines.write(lineDocument(line));
  }
}

function isWantedLine(line: LogLine, { module, session, user }: Flags): boolean {
  return (module === undefined || line.module === module || line.isolate === module) &&
    (session === undefined || line.sessionId === session) &&
    (user === undefined || line.userId === user);
}

async function streamRows(context: CliContext, filter: Flags): Promise<void> {
  const { sql } = await openDatabase(context);
  const lines = context.out.stream<Readonly<Record<string, unknown>>>({
    kind: "logs.row",
    line: lineOf,
  });
  const onReady = (): void => context.out.note("Following the log. Ctrl-C ends it.");
  for await (
    const row of followRows(sql, {
      signal: context.signal,
      onReady,
      everyMs: filter.interval,
    })
  ) {
    if (isWanted(row, filter)) lines.write({ ...rowDocument(row) });
  }
}

function isWanted(row: LogRow, { decision, session, user }: Flags): boolean {
  return (decision === undefined || row.decision === decision) &&
    (session === undefined || row.sessionId === session) &&
    (user === undefined || row.userId === user);
}

/** Time, result, kind, target, user, why, and the id to ask for more. */
function lineOf(row: Readonly<Record<string, unknown>>): string {
  const cell = (value: unknown, width: number): string =>
    pad(fit(harmless(String(value)), width), width, "left");
  const detail = row.detail as Readonly<Record<string, unknown>>;
  const why = row.policy === "none"
    ? textOf(detail.reason) ?? textOf(detail.event) ?? ""
    : row.policy;
  return [
    String(row.created_at).slice(11, 23),
    cell(row.decision, 6),
    cell(row.target, 24),
    cell(row.user_id, 10),
    cell(why, 18),
    row.call_id,
  ].join("  ");
}
