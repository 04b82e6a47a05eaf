import { type AuditCall, findCalls, findRow, type FoundCalls } from "../../../audit/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { toDocument } from "./call_document.ts";
import { callTable } from "./call_table.ts";
import { callView } from "./call_view.ts";
import { findPersonal, printRow } from "./row_view.ts";
import { plural } from "./words.ts";

interface Flags {
  readonly full: boolean;
  readonly limit: number;
}

export default async function audit(
  this: CliContext,
  { full, limit }: Flags,
  id: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const found = await findCalls(sql, id.trim(), limit);
  if (found) return printCalls(this, found, full, id);
  const row = await findRow(sql, id.trim());
  if (row) return printRow(this, row, await findPersonal(sql, row));
  throw new AppError("not_found", `No call, trace or session begins with "${id}"`, {
    hint: 'See "spgov infra logs decisions list".',
  });
}

/** Prints one call as a card, several as a table or, with `full`, card after card. */
export function printCalls(
  { out, clock }: CliContext,
  { matched, calls, more }: FoundCalls,
  full: boolean,
  id: string,
): void {
  const documents = calls.map(toDocument);
  const [only] = documents;
  const views = documents.length === 1 || full
    ? documents.map((document) => callView(document, full))
    : [callTable(documents, clock.now())];
  out.report({ kind: "logs.audit", data: { matched, calls: documents, more }, views });
  if (documents.length > 1 && only) out.note(describe(matched, calls, more, id));
}

function describe(
  matched: FoundCalls["matched"],
  calls: readonly AuditCall[],
  more: boolean,
  id: string,
): string {
  const shown = more ? `The newest ${calls.length} calls` : plural(calls.length, "call");
  const ids = new Set(calls.map((call) => matched === "trace" ? call.traceId : call.sessionId));
  if (matched === "request") return `${shown} begin with "${id}". Give more digits for one.`;
  if (ids.size > 1) return `${shown} of ${plural(ids.size, matched)} that begin with "${id}".`;
  return `${shown} of ${matched} ${[...ids][0]}. Add --full to see each whole.`;
}
