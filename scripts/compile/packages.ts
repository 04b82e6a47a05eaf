import { join } from "node:path";
import { ROOT } from "./project.ts";

/** An npm package that the program is locked to, in Deno's cache. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

interface Lock {
  /** Version of each package that is asked for, e.g. `npm:zod@4.6.7`. */
  readonly specifiers: Readonly<Record<string, string>>;
  /** By `name@version`; each names its own packages, with a version where there are several. */
  readonly npm: Readonly<Record<string, { readonly dependencies?: readonly string[] }>>;
}

/** What tests alone import; `scripts/lint/layers.ts` keeps the program from it. */
const TESTS_ONLY = [
  "@modelcontextprotocol/sdk",
  "@readme/openapi-parser",
  "oidc-provider",
  "openid-client",
  "smtp-server",
];

/** The packages that the program is locked to. They have to be in Deno's cache, as after a bundle. */
export async function listPackages(): Promise<Package[]> {
  const lock: Lock = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.lock")));
  const cache = await findPackageCache();
  return [...reachable(lock)].sort().map((id) => {
    const { name, version } = parseId(id);
    return { name, version, folder: join(cache, name, version) };
  });
}

/** The packages that something else than tests needs, directly or by another package. */
function reachable({ specifiers, npm }: Lock): Set<string> {
  const found = new Set<string>();
  const open = Object.entries(specifiers)
    .map(([specifier, version]) => `${parseId(specifier.replace(/^npm:/, "")).name}@${version}`)
    .filter((id) => !TESTS_ONLY.includes(parseId(id).name));
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    for (const dependency of npm[id]?.dependencies ?? []) open.push(getId(npm, dependency));
  }
  return found;
}

/** The lock's entry of a dependency, which is named without a version where there is only one. */
function getId(npm: Lock["npm"], dependency: string): string {
  const id = npm[dependency]
    ? dependency
    : Object.keys(npm).find((each) => parseId(each).name === dependency);
  if (id === undefined) throw new Error(`deno.lock has no package ${dependency}`);
  return id;
}

/** Name and version of `name@version`, without the versions of peers behind an underscore. */
function parseId(id: string): { readonly name: string; readonly version: string } {
  const [, name = id, version = ""] = /^(.+?)@([^_]+)/.exec(id) ?? [];
  return { name, version };
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
