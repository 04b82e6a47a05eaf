import type { ConfigSources, SourceFile } from "./configuration.ts";

/** Largest file of the configuration that is read, in bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

/** What stands for a profile that is not there: every key has a default but the name. */
const NO_PROFILE: SourceFile = { file: "profile.yaml", text: "name: local\n" };

/** Reads the profile, where there is one, and every file below `services` that behaviour comes from. */
export async function readConfigSources(
  profilePath: string | undefined,
  services: string,
): Promise<ConfigSources> {
  const files = new Map<string, SourceFile>();
  for (
    const folder of [
      ...["governance", "governance/policies", "agents", "mcp"],
      ...["oauth", "scheduler", "identity"],
    ]
  ) {
    for (const name of await listFiles(`${services}/${folder}`)) {
      const path = `${folder}/${name}`;
      files.set(path, await readSource(`${services}/${path}`, `services/${path}`));
    }
  }
  const profile = profilePath === undefined
    ? NO_PROFILE
    : await readSource(profilePath, profilePath);
  return { profile, services: files };
}

async function listFiles(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (!entry.isDirectory && !entry.name.startsWith(".")) names.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort();
}

async function readSource(path: string, file: string): Promise<SourceFile> {
  const bytes = await Deno.readFile(path);
  if (bytes.length > MAX_BYTES) return { file, text: `# larger than ${MAX_BYTES} bytes: [` };
  return { file, text: new TextDecoder().decode(bytes) };
}
