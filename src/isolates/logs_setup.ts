import { dirname, resolve } from "node:path";
import type { Configuration } from "../config/mod.ts";
import type { SecretsConfig } from "../governance/mod.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import type { LogConfig } from "../profile/mod.ts";

/** What the isolate that keeps log lines needs of a configuration. */
export interface LogsSetup {
  /** With certificates in the place of the files that hold them. */
  readonly log: LogConfig;
  readonly secrets: SecretsConfig;
}

/** Where the file of lines is, if there is one. */
export function logFilePath(log: LogConfig, home: string): string | undefined {
  return log.file && resolve(home, log.file.path);
}

/** Makes ready what only the supervisor may read. Throws `invalid` for an authority that cannot be read. */
export async function logsSetupOf(
  { profile: { log }, governance }: Configuration,
  home: string,
): Promise<LogsSetup> {
  const file = logFilePath(log, home);
  if (file !== undefined) await Deno.mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const sinks = await Promise.all(log.sinks.map(async (sink) => {
    if (sink.ca === undefined) return sink;
    try {
      return { ...sink, ca: await Deno.readTextFile(resolve(home, sink.ca)) };
    } catch (error) {
      const message = `Cannot read the authority of log sink "${sink.name}": ${messageOf(error)}`;
      throw new AppError("invalid", message, { cause: error });
    }
  }));
  return { log: { ...log, sinks }, secrets: governance.secrets };
}
