/** Levels, least severe first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = typeof LOG_LEVELS[number];

/** What is kept: lines of `level` and above, and of a module's own level where it has one. */
export interface LogLevels {
  readonly level: LogLevel;
  readonly modules: Readonly<Record<string, LogLevel>>;
}

/** The six identifiers that bind a line to the call it is about. */
export interface LogIds {
  readonly userId: string;
  readonly sessionId: string;
  readonly taskId: string;
  readonly traceId: string;
  readonly contextId: string;
  readonly clientId: string;
}

export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Whether a line of that level is kept; for lines that cost something to make. */
  isOn(level: LogLevel): boolean;
  /** The same log for another module, a folder of `src`: levels are set by module. */
  of(module: string): Log;
  /** The same log for what concerns one call. */
  about(ids: LogIds): Log;
}

export interface LogOptions {
  /** The part of the product that speaks, e.g. `gateway`. */
  readonly module: string;
  /** Which of several, e.g. `gateway-0`; the module's name unless given. */
  readonly isolate?: string;
  /** One level for all, or the levels as they are at the moment. */
  readonly level?: LogLevel | (() => LogLevels);
  /** Gets one whole line, ended by a line feed. */
  readonly write?: (line: string, level: LogLevel) => void;
}

const encoder = new TextEncoder();

/** Writes to standard error, whoever reads it. */
export function writeToStderr(text: string): void {
  try {
    const bytes = encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
  } catch {
    // The reader of the log went away: that must not stop the service.
  }
}

/**
 * A logger that writes one JSON object a line: `ts`, `level`, `isolate`, `module`, `message`, the six
 * identifiers (`none` where the line is about no call), `fields`.
 */
export function createLog(options: LogOptions): Log {
  const { module, isolate = module, level = "info", write = writeToStderr } = options;
  const levels = typeof level === "function" ? level : () => ({ level, modules: {} });
  return logOf({ isolate, levels, write }, module, NO_IDS);
}

interface Target {
  readonly isolate: string;
  readonly levels: () => LogLevels;
  readonly write: (line: string, level: LogLevel) => void;
}

const NO_IDS = idsText({
  userId: "none",
  sessionId: "none",
  taskId: "none",
  traceId: "none",
  contextId: "none",
  clientId: "none",
});

function logOf(target: Target, module: string, ids: string): Log {
  const { isolate, levels, write } = target;
  const source = `"isolate":${textOf(isolate)},"module":${textOf(module)}`;
  const isOn = (level: LogLevel): boolean => {
    const { level: common, modules } = levels();
    const least = modules[module] ?? modules[isolate] ?? common;
    return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
  };
  const at = (level: LogLevel) => (message: string, fields?: LogFields): void => {
    if (!isOn(level)) return;
    const line = `{"ts":"${new Date().toISOString()}","level":"${level}",${source},"message":${
      textOf(cut(message))
    },${ids},"fields":${fieldsText(fields)}}\n`;
    write(harmlessJson(line), level);
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    isOn,
    of: (other) => logOf(target, other, ids),
    about: (call) => logOf(target, module, idsText(call)),
  };
}

function idsText({ userId, sessionId, taskId, traceId, contextId, clientId }: LogIds): string {
  return `"user_id":${textOf(userId)},"session_id":${textOf(sessionId)},"task_id":${
    textOf(taskId)
  },"trace_id":${textOf(traceId)},"context_id":${textOf(contextId)},"client_id":${
    textOf(clientId)
  }`;
}

function textOf(text: string): string {
  return JSON.stringify(text);
}

const MAX_MESSAGE = 8192;
const MAX_FIELDS = 65_536;
const KEPT_OF_FIELDS = 4096;

function cut(message: string): string {
  return message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE)}…`;
}

/** Fields as JSON whatever they are: a line that cannot be written must not fail who writes it. */
function fieldsText(fields: LogFields | undefined): string {
  if (fields === undefined) return "{}";
  try {
    const text = JSON.stringify(fields);
    return text.length <= MAX_FIELDS
      ? text
      : JSON.stringify({ cut: text.slice(0, KEPT_OF_FIELDS), characters: text.length });
  } catch (error) {
    return JSON.stringify({ unprintable: String(error) });
  }
}

/**
 * What JSON leaves as it is although it moves, hides or reorders text on a screen, or ends a line for some
 * readers: C1 controls, separators, zero-width and bidirectional characters.
 */
const MISLEADING = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const EACH_MISLEADING = new RegExp(MISLEADING, "g");

/** JSON text in which such characters are escaped: it means the same. */
export function harmlessJson(text: string): string {
  return MISLEADING.test(text) ? text.replace(EACH_MISLEADING, escapeUnit) : text;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
