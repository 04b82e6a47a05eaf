import { dirname, join, resolve } from "node:path";
import { assetPath } from "../../kernel/assets.ts";
import { homeAt } from "../../kernel/home.ts";
import type { ServiceOptions } from "../above.ts";
import type { CliContext } from "../context.ts";
import { findProfile, findProfilePath } from "../profile.ts";

/** Where the service of this home is configured; makes what is missing when `create` says so. */
export async function findPlaces(
  context: CliContext,
  { create }: { readonly create: boolean },
): Promise<ServiceOptions> {
  const profilePath = await findProfilePath(context) ?? defaultProfilePath(context);
  if (create) {
    // Open to be passed through: PostgreSQL's own user must reach its folder in here.
    await Deno.mkdir(context.home, { recursive: true });
    await ensureProfile(profilePath);
  }
  const services = await findServices(context, (await findProfile(context))?.services);
  if (create) await ensureServices(services);
  return {
    home: context.home,
    profilePath,
    services,
    port: context.port,
    databaseUrl: context.env.DATABASE_URL || undefined,
  };
}

function defaultProfilePath({ home, profileName }: CliContext): string {
  return join(homeAt(home).profiles, profileName ?? "local", "profile.yaml");
}

const PROFILE = (name: string) =>
  `# The environment this appliance runs in. Every key is optional but the name; see
# "spgov admin config validate" for what is wrong with a change.
name: ${name}

server:
  # Address to listen on. Anything but loopback is guarded against slow and idle connections.
  address: 127.0.0.1
  port: 8080
`;

async function ensureProfile(path: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeNew(path, PROFILE(dirname(path).split("/").at(-1) ?? "local"));
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, text, { createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/** The folder that the profile names, else `services/` beside the home, else the one inside it. */
export async function findServices(
  context: CliContext,
  configured: string | undefined,
): Promise<string> {
  const beside = dirname(context.home);
  if (configured !== undefined) return resolve(beside, configured);
  return await isFolder(join(beside, "services", "governance"))
    ? join(beside, "services")
    : join(context.home, "services");
}

async function isFolder(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isDirectory ?? false;
}

/** The defaults that ship with the program, copied once: from then on they are the operator's own. */
async function ensureServices(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const draft = `${folder}.${Deno.pid}`;
  await copyFolder(assetPath("services"), draft);
  await Deno.rename(draft, folder);
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory) await copyFolder(source, target);
    else await Deno.writeFile(target, await Deno.readFile(source));
  }
}
