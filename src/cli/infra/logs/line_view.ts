import { levelsFrom, type LineDocument } from "../../../logs/mod.ts";
import type { LogLevel } from "../../../kernel/log.ts";
import type { Look } from "../../output/table.ts";
import type { View } from "../../output/view.ts";
import { harmless, pad } from "../../output/width.ts";
import { type Paint, paint, shortTime } from "./words.ts";

/** Which lines a verb shows, as its flags say. */
export interface LineFlags {
  readonly level?: LogLevel | undefined;
  readonly module?: string;
  readonly since?: Date;
  readonly until?: Date;
}

/** The levels that `--level` stands for. */
export function levelsOf(level: LogLevel | undefined): readonly LogLevel[] | undefined {
  return level === undefined ? undefined : levelsFrom(level);
}

/** What the filter was, for scripts. */
export function filtersOf({ level, module, since, until }: LineFlags): Record<string, unknown> {
  return {
    ...level !== undefined && { level },
    ...module !== undefined && { module },
    ...since && { since: since.toISOString() },
    ...until && { until: until.toISOString() },
  };
}

/** Lines, one a row: time, level, module, message, and what is said beside it. */
export function linesView(lines: readonly LineDocument[], now: number, title?: string): View {
  return {
    ...title !== undefined && { title },
    isEmpty: lines.length === 0,
    render: (look) => lines.map((line) => lineText(line, now, look)),
  };
}

const PAINTS: Readonly<Record<LogLevel, Paint>> = {
  debug: "faint",
  info: "good",
  warn: "strong",
  error: "bad",
};

export function lineText(line: LineDocument, now: number, look: Look): string {
  const level = paint(pad(line.level.toUpperCase(), 5, "left"), PAINTS[line.level], look);
  const fields = Object.entries(line.fields).map(([name, value]) =>
    `${harmless(name)}=${harmless(typeof value === "string" ? value : JSON.stringify(value))}`
  );
  const trace = line.trace_id === "none" ? [] : [`trace=${harmless(line.trace_id)}`];
  return [
    paint(shortTime(new Date(line.timestamp), now), "faint", look),
    level,
    pad(harmless(line.module), 10, "left"),
    harmless(line.message),
    paint([...fields, ...trace].join(" "), "faint", look),
  ].join("  ").trimEnd();
}
