import { LOG_LEVELS, type LogIds, type LogLevel } from "../kernel/log.ts";

/** A log line as it is kept. */
export interface LogLine extends LogIds {
  /** UUIDv7 of `createdAt`. */
  readonly id: string;
  readonly createdAt: Date;
  readonly level: LogLevel;
  readonly isolate: string;
  readonly module: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A line as `createLog` writes it. */
export interface WrittenLine {
  readonly ts: string;
  readonly level: LogLevel;
  readonly isolate: string;
  readonly module: string;
  readonly message: string;
  readonly user_id: string;
  readonly session_id: string;
  readonly task_id: string;
  readonly trace_id: string;
  readonly context_id: string;
  readonly client_id: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The line that `text` holds; undefined for what `createLog` did not write. */
export function parseLine(text: string): WrittenLine | undefined {
  try {
    const line = JSON.parse(text) as WrittenLine;
    return isLevel(line.level) && typeof line.message === "string" ? line : undefined;
  } catch {
    return undefined;
  }
}

export function isLevel(text: unknown): text is LogLevel {
  return LOG_LEVELS.some((level) => level === text);
}

/** Levels from `least` on. */
export function levelsFrom(least: LogLevel): readonly LogLevel[] {
  return LOG_LEVELS.slice(LOG_LEVELS.indexOf(least));
}

/** A line for scripts and collectors: every column, whole, under the table's names. */
export interface LineDocument extends Omit<WrittenLine, "ts"> {
  readonly id: string;
  readonly timestamp: string;
}

export function lineDocument(line: LogLine): LineDocument {
  return {
    id: line.id,
    timestamp: line.createdAt.toISOString(),
    level: line.level,
    isolate: line.isolate,
    module: line.module,
    message: line.message,
    user_id: line.userId,
    session_id: line.sessionId,
    task_id: line.taskId,
    trace_id: line.traceId,
    context_id: line.contextId,
    client_id: line.clientId,
    fields: line.fields,
  };
}
