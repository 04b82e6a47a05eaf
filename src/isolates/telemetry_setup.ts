import { resolve } from "node:path";
import type { Configuration } from "../config/mod.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import type { TelemetryConfig } from "../profile/mod.ts";

/** What the isolate that sends traces and metrics needs of a configuration. */
export interface TelemetrySetup {
  readonly otlp: Omit<TelemetryConfig, "token_file" | "ca">;
  readonly token: string | undefined;
  /** PEM. */
  readonly ca: string | undefined;
}

/** Reads what only the supervisor may. undefined: nothing is sent. Throws `invalid` for a file that cannot be read. */
export async function telemetrySetupOf(
  { profile: { telemetry } }: Configuration,
  home: string,
): Promise<TelemetrySetup | undefined> {
  if (!telemetry.otlp) return undefined;
  const { token_file: tokenFile, ca, ...otlp } = telemetry.otlp;
  const [token, authority] = await Promise.all([
    readFile(home, tokenFile, "the token"),
    readFile(home, ca, "the authority"),
  ]);
  return { otlp, token: token?.trim(), ca: authority };
}

async function readFile(
  home: string,
  path: string | undefined,
  what: string,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await Deno.readTextFile(resolve(home, path));
  } catch (error) {
    const message = `Cannot read ${what} of "telemetry.otlp": ${messageOf(error)}`;
    throw new AppError("invalid", message, { cause: error });
  }
}
