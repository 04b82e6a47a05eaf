import { type LogRow, rowDocument } from "../../../audit/mod.ts";
import type { Sql } from "../../../db/mod.ts";
import { findPersonalDetails, isGenuine } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { textView } from "../../output/view.ts";
import { harmless, pad } from "../../output/width.ts";
import { valueLines } from "./value_lines.ts";
import { timeText } from "./words.ts";

/**
 * What a row says of somebody by a hash, as it stands beside the audit: null when it was erased, or is not what the row
 * says; undefined when the row says nothing of the kind.
 */
export async function findPersonal(
  sql: Sql,
  { detail }: LogRow,
): Promise<Readonly<Record<string, unknown>> | null | undefined> {
  const { personal } = detail;
  if (typeof personal !== "string" || !/^[0-9a-f]{64}$/.test(personal)) return undefined;
  const [found] = await findPersonalDetails(sql, [personal]);
  return found && isGenuine(found) ? found.detail : null;
}

/**
 * Prints a row that is no governed call: a sign-in, a change by an operator, an event of the system; with what stands
 * beside it about somebody.
 */
export function printRow(
  { out }: CliContext,
  row: LogRow,
  personal: Readonly<Record<string, unknown>> | null | undefined,
): void {
  const { detail, ...columns } = rowDocument(row);
  const fields = { ...columns, created_at: timeText(row.createdAt) };
  const lines = Object.entries(fields).map(([name, value]) =>
    `${pad(name.replaceAll("_", " "), 18, "left")}  ${harmless(String(value))}`
  );
  const text = [
    ...lines,
    "",
    "detail",
    ...valueLines(detail, { indent: "  ", columns: 100, maxLines: 200 }),
    ...personal === undefined ? [] : [
      "",
      "about",
      ...valueLines(personal ?? "erased", { indent: "  ", columns: 100, maxLines: 200 }),
    ],
  ];
  out.report({
    kind: "logs.row",
    data: { ...columns, detail, ...personal !== undefined && { about: personal } },
    views: [textView(text.join("\n"))],
  });
}
