import { isAbsolute, resolve } from "node:path";
import { AppError } from "../kernel/errors.ts";
import type { Profile } from "../profile/mod.ts";
import type { Diagnostic, Parsed } from "../kernel/config_file.ts";
import type { CliContext } from "./context.ts";
import { didYouMean } from "../kernel/suggest.ts";

/**
 * Path of the profile that the user means: the one named, else the only one in the home. Undefined when
 * there is none and none was named. Throws `not_found`, or `usage` when there are several to choose from.
 */
export async function findProfilePath(context: CliContext): Promise<string | undefined> {
  const { home, profileName, cwd } = context;
  if (profileName !== undefined && /[/\\]|\.ya?ml$/.test(profileName)) {
    return isAbsolute(profileName) ? profileName : resolve(cwd, profileName);
  }
  const names = await listProfiles(home);
  if (profileName === undefined) {
    if (names.length > 1) {
      throw new AppError("usage", `Cannot choose among the profiles ${names.join(", ")}`, {
        hint: "Name one by --profile or SPGOV_PROFILE.",
      });
    }
    return names[0] === undefined ? undefined : pathOf(home, names[0]);
  }
  if (names.includes(profileName)) return pathOf(home, profileName);
  const hint = didYouMean(profileName, names);
  throw new AppError(
    "not_found",
    `Cannot find the profile ${JSON.stringify(profileName)} in "${home}"`,
    hint === undefined ? {} : { hint },
  );
}

/** The profile; undefined when there is none. Throws `invalid` with every problem of the file. */
export async function findProfile(context: CliContext): Promise<Profile | undefined> {
  const path = await findProfilePath(context);
  if (path === undefined) return undefined;
  const text = await Deno.readTextFile(path).catch((cause) => {
    throw new AppError("not_found", `Cannot read the profile "${path}"`, { cause });
  });
  const parsed = await parseProfile(text, path);
  if (parsed.ok) return parsed.value;
  const lines = parsed.diagnostics.map(formatDiagnostic);
  throw new AppError("invalid", lines.join("\n"), { details: { problems: parsed.diagnostics } });
}

/** The profile in `text`, or everything that is wrong with it. */
export async function parseProfile(text: string, file: string): Promise<Parsed<Profile>> {
  const [{ parseConfig }, { profileSchema }] = await Promise.all([
    import("../kernel/config_file.ts"),
    import("../profile/mod.ts"),
  ]);
  return parseConfig(profileSchema, text, file);
}

/** `profile.yaml:3:7 server.prt: Unknown key` */
export function formatDiagnostic({ file, line, column, path, message }: Diagnostic): string {
  return `${file}:${line}:${column} ${path === "" ? "" : `${path}: `}${message}`;
}

function pathOf(home: string, name: string): string {
  return `${home}/profiles/${name}/profile.yaml`;
}

async function listProfiles(home: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(`${home}/profiles`)) {
      const info = await Deno.stat(pathOf(home, name)).catch(() => undefined);
      if (info?.isFile) names.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort();
}
