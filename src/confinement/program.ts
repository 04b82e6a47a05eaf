import { dirname, isAbsolute, resolve } from "node:path";
import { assetRoot } from "../kernel/assets.ts";
import { buildForm } from "../kernel/build_info.ts";
import { selfCommand } from "../kernel/self.ts";
import type { ConfiningHost } from "./host.ts";
import type { ChildServer } from "./server.ts";
import { findProgram, isProgram, pathFolders } from "./tools.ts";

/** A command that was found, and what it needs to run. */
export interface Program {
  /** The command, an absolute path, and its arguments. */
  readonly words: readonly string[];
  /** Paths that it has to read. */
  readonly files: readonly string[];
  /** Variables that it has to have. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The word that stands for this very program in a server's `command`. */
const SELF = "spgov";

/** The program that a server's configuration names; undefined when there is none. Paths are relative to `base`. */
export async function findServerProgram(
  server: Pick<ChildServer, "command" | "args">,
  host: Pick<ConfiningHost, "path">,
  base: string,
): Promise<Program | undefined> {
  if (server.command === SELF) return await ownProgram(server.args);
  const command = await findCommand(server.command, host.path, base);
  if (command === undefined) return undefined;
  return {
    words: [command, ...server.args],
    files: [...await placesOf(command), ...await placesOfArguments(server.args)],
    variables: {},
  };
}

async function findCommand(
  command: string,
  path: string,
  base: string,
): Promise<string | undefined> {
  if (!command.includes("/")) return await findProgram(command, pathFolders(path));
  const absolute = resolve(base, command);
  return await isProgram(absolute) ? absolute : undefined;
}

async function ownProgram(args: readonly string[]): Promise<Program> {
  const self = selfCommand();
  // From source, the runtime looks for packages where it keeps them for whoever started the service.
  const cache = buildForm() === "source" ? denoCache() : undefined;
  return {
    words: [self.command, ...self.args, ...args],
    files: [...await placesOf(self.command), trimSlash(assetRoot()), ...cache ? [cache] : []],
    variables: cache ? { DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1" } : {},
  };
}

function denoCache(): string | undefined {
  const { DENO_DIR, XDG_CACHE_HOME, HOME } = Deno.env.toObject();
  if (DENO_DIR) return resolve(DENO_DIR);
  if (Deno.build.os === "darwin") return HOME && `${HOME}/Library/Caches/deno`;
  return XDG_CACHE_HOME ? `${XDG_CACHE_HOME}/deno` : HOME && `${HOME}/.cache/deno`;
}

/** What belongs to a program: its folder, or all of the packages it was installed with, links followed. */
async function placesOf(path: string): Promise<string[]> {
  const real = await Deno.realPath(path).catch(() => path);
  return [...new Set([path, real].map(placeOf))];
}

/** Scripts and data that the command line names are there to be read. */
async function placesOfArguments(args: readonly string[]): Promise<string[]> {
  const places: string[] = [];
  for (const arg of args.filter(isAbsolute)) {
    const info = await Deno.stat(arg).catch(() => undefined);
    if (info?.isFile) places.push(...await placesOf(arg));
    if (info?.isDirectory) places.push(arg);
  }
  return places;
}

function placeOf(file: string): string {
  const packages = file.indexOf("/node_modules/");
  if (packages > 0) return `${file.slice(0, packages)}/node_modules`;
  const folder = dirname(file);
  // A whole home or the whole of /opt is more than the program.
  return folder.split("/").length > 2 ? folder : file;
}

function trimSlash(path: string): string {
  return path.replace(/(.)\/+$/, "$1");
}
