import { followRows, type LogRow } from "../../../audit/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { fit, harmless, pad } from "../../output/width.ts";
import { textOf } from "./call_document.ts";
import { rowDocument } from "./row_view.ts";

interface Flags {
  readonly decision?: string;
  readonly session?: string;
  readonly user?: string;
}

export default async function stream(this: CliContext, filter: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const lines = this.out.stream<Readonly<Record<string, unknown>>>({
    kind: "logs.row",
    line: lineOf,
  });
  const onReady = (): void => this.out.note("Following the log. Ctrl-C ends it.");
  for await (const row of followRows(sql, { signal: this.signal, onReady })) {
    if (isWanted(row, filter)) lines.write(rowDocument(row));
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
