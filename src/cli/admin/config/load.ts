import { join, relative } from "node:path";
import { parse } from "yaml";
import { assetPath } from "../../../kernel/assets.ts";
import type { Diagnostic } from "../../../kernel/config_file.ts";
import { AppError } from "../../../kernel/errors.ts";
import {
  type Configuration as ParsedConfiguration,
  parseConfiguration,
  readConfigSources,
} from "../../../config/mod.ts";
import type { CliContext } from "../../context.ts";
import { findProfilePath, formatDiagnostic } from "../../profile.ts";
import { findServices } from "../../service/places.ts";

/** Where the configuration of this home is. */
export interface ConfigurationPlaces {
  /** Undefined before the first start: the profile that it would write counts. */
  readonly profilePath: string | undefined;
  /** The folder `services/`; before the first start the one that ships with the program. */
  readonly services: string;
}

type Loaded =
  | { readonly ok: true } & ParsedConfiguration
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export type FoundConfiguration = ConfigurationPlaces & { readonly loaded: Loaded };
export type Configuration = ParsedConfiguration & ConfigurationPlaces;

/** Reads and checks the configuration as start-up does. Problems carry paths that an editor can open. */
export async function readConfiguration(context: CliContext): Promise<FoundConfiguration> {
  const places = await findConfiguration(context);
  const loaded = await parseConfiguration(
    await readConfigSources(places.profilePath, places.services),
  );
  if (loaded.ok) return { ...places, loaded: { ok: true, ...loaded.value } };
  const diagnostics = loaded.diagnostics.map((one) => ({
    ...one,
    file: openable(context, places, one.file),
  }));
  return { ...places, loaded: { ok: false, diagnostics } };
}

/** The configuration in force at the next start. Throws `invalid` with everything that is wrong with it. */
export async function getConfiguration(context: CliContext): Promise<Configuration> {
  const { loaded, ...places } = await readConfiguration(context);
  if (loaded.ok) return { ...loaded, ...places };
  throw invalid(loaded.diagnostics);
}

function invalid(diagnostics: readonly Diagnostic[]): AppError {
  const lines = diagnostics.map(formatDiagnostic);
  return new AppError("invalid", ["The configuration is not valid", ...lines].join("\n"), {
    details: { problems: diagnostics },
    hint: 'See "spgov admin config validate".',
  });
}

/** Finds profile and services without making either. */
export async function findConfiguration(context: CliContext): Promise<ConfigurationPlaces> {
  const profilePath = await findProfilePath(context);
  const services = await findServices(context, await configuredServices(profilePath));
  const isThere = (await Deno.stat(services).catch(() => undefined))?.isDirectory ?? false;
  return { profilePath, services: isThere ? services : assetPath("services") };
}

/** What the profile says about `services`, also where something else in it is wrong. */
async function configuredServices(profilePath: string | undefined): Promise<string | undefined> {
  if (profilePath === undefined) return undefined;
  const text = await Deno.readTextFile(profilePath).catch((cause) => {
    throw new AppError("not_found", `Cannot read the profile "${profilePath}"`, { cause });
  });
  try {
    const { services } = parse(text, { logLevel: "silent" });
    return typeof services === "string" ? services : undefined;
  } catch {
    return undefined;
  }
}

/** The path of a file by the name it has inside the configuration, relative where that is shorter. */
export function openable(
  { cwd }: CliContext,
  { services }: Pick<ConfigurationPlaces, "services">,
  file: string,
): string {
  const path = file.startsWith("services/") ? join(services, file.slice("services/".length)) : file;
  const near = relative(cwd, path);
  return near === "" || near.startsWith("..") ? path : near;
}
