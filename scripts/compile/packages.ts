import { join } from "node:path";
import { ROOT } from "./project.ts";

/** An npm package that the program is locked to, in Deno's cache. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

interface Lock {
  readonly npm?: Readonly<Record<string, unknown>>;
}

/** The packages of the lock file. They have to be in Deno's cache, as after a bundle. */
export async function listPackages(): Promise<Package[]> {
  const lock: Lock = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.lock")));
  const cache = await findPackageCache();
  return Object.keys(lock.npm ?? {}).sort().map((id) => {
    // What follows an underscore are the versions of peers.
    const [, name = id, version = ""] = /^(.+?)@([^_]+)/.exec(id) ?? [];
    return { name, version, folder: join(cache, name, version) };
  });
}

/** The package of that name. Throws when the program does not use it. */
export async function getPackage(name: string): Promise<Package> {
  const found = (await listPackages()).find((each) => each.name === name);
  if (found === undefined) throw new Error(`deno.lock has no package ${name}`);
  return found;
}

/** Deno's folder of one registry's packages. */
async function findPackageCache(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout));
  for await (const { name, isDirectory } of Deno.readDir(npmCache)) {
    if (isDirectory) return join(npmCache, name);
  }
  throw new Error(`There are no packages in "${npmCache}"`);
}
