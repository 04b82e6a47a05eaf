/** Levels, least severe first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = typeof LOG_LEVELS[number];

export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface LogOptions {
  /** The part of the product that speaks, e.g. `gateway-0`. */
  readonly module: string;
  readonly level?: LogLevel;
  readonly write?: (line: string) => void;
}

const encoder = new TextEncoder();

function writeToStderr(line: string): void {
  try {
    Deno.stderr.writeSync(encoder.encode(line));
  } catch {
    // The reader of the log went away: that must not stop the service.
  }
}

/** A logger that writes one JSON object a line: `ts`, `level`, `module`, `message`, then the fields. */
export function createLog({ module, level = "info", write = writeToStderr }: LogOptions): Log {
  const threshold = LOG_LEVELS.indexOf(level);
  const at =
    (of: LogLevel) => (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      if (LOG_LEVELS.indexOf(of) < threshold) return;
      const line = { ts: new Date().toISOString(), level: of, module, message, ...fields };
      write(JSON.stringify(line) + "\n");
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
