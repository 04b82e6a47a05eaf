import { findLine, type LineDocument, lineDocument, listTraceLines } from "../../../logs/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { LimitFlag } from "../../flags.ts";
import { textView, type View } from "../../output/view.ts";
import { harmless, pad } from "../../output/width.ts";
import { linesView } from "./line_view.ts";
import { valueLines } from "./value_lines.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export default async function show(
  this: CliContext,
  { limit }: LimitFlag,
  given: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const id = given.trim();
  const line = UUID.test(id) ? await findLine(sql, id) : undefined;
  if (line) {
    const data = lineDocument(line);
    return this.out.report({ kind: "logs.line", data, views: [wholeView(data)] });
  }
  const lines = (await listTraceLines(sql, id, limit)).map(lineDocument);
  if (lines.length === 0) {
    throw new AppError("not_found", `No log line and no trace with lines begins with "${given}"`, {
      hint: 'Calls: "spgov infra logs audit". Lines: "spgov infra logs view".',
    });
  }
  const traces = [...new Set(lines.map(({ trace_id }) => trace_id))];
  this.out.report({
    kind: "logs.trace_lines",
    data: {
      trace_id: traces.length === 1 ? traces[0] : null,
      total: lines.length,
      logs: lines,
    },
    views: [linesView(lines, this.clock.now())],
  });
}

/** Every column, one a line, then the fields. */
function wholeView({ fields, ...columns }: LineDocument): View {
  const rows = Object.entries(columns).map(([name, value]) =>
    `${pad(name.replaceAll("_", " "), 12, "left")}${harmless(String(value))}`
  );
  const more = Object.keys(fields).length === 0
    ? []
    : ["", "fields", ...valueLines(fields, { indent: "  ", columns: 100, maxLines: 200 })];
  return textView([...rows, ...more].join("\n"));
}
