import { dirname, resolve } from "node:path";
import type { ConfiningHost } from "./host.ts";
import { findServerProgram, type Program } from "./program.ts";
import { ownUser, sandboxCommand } from "./sandbox.ts";
import type { ChildConfinement, ChildServer } from "./server.ts";

/** How one server is started on this host. */
export interface ChildPlan {
  readonly server: string;
  readonly confinement: ChildConfinement;
  /** Why it cannot be started; undefined when it can. */
  readonly problem: string | undefined;
  /** Variables beside those of its configuration. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A plan with what the launcher needs to carry it out. */
export interface LaunchPlan extends ChildPlan {
  /** The command line. Words stand for themselves, but `OWN_UID` for the id that the launcher chooses. */
  readonly words: readonly string[];
  /** The folder to start in; one of its own when undefined. */
  readonly folder: string | undefined;
  /** Who the child becomes; undefined for whoever runs the service. */
  readonly gid: number | undefined;
  /** Whether its configuration sets `HOME`. */
  readonly keepsHome: boolean;
}

/** Where servers belong: `base` is what their relative paths begin at, `home` the appliance's own folder. */
export interface Places {
  readonly base: string;
  readonly home: string;
}

/** Stands in a plan's words for a user id that no other process has. */
export const OWN_UID = "\0uid";

/** Plans the start of a server's children. */
export async function planChild(
  server: ChildServer,
  host: ConfiningHost,
  places: Places,
): Promise<LaunchPlan> {
  const program = await findServerProgram(server, host, places.base);
  const level = server.isOwn ? "none" : host.level;
  const isOpen = program !== undefined && host.root && !server.isOwn &&
    await isOpenToAll(program, level);
  const confinement = level === "uid" && !isOpen ? "none" : level;
  const gid = isOpen ? groupOf(server.name, host.wideIds) : undefined;
  const user = gid === undefined ? [] : ownUser(host.tools, OWN_UID, `${gid}`);
  const folder = server.working_directory && resolve(places.base, server.working_directory);
  return {
    server: server.name,
    confinement,
    problem: findProblem(server, program, confinement, host),
    variables: { PATH: host.path, LANG: "C.UTF-8", ...program?.variables },
    words: [
      ...confinement === "bwrap" ? await sandbox(server, program, folder, host, places) : [],
      ...user,
      ...program?.words ?? [],
    ],
    folder: confinement === "bwrap" ? "/" : folder,
    gid,
    keepsHome: Object.hasOwn(server.environment, "HOME"),
  };
}

async function sandbox(
  server: ChildServer,
  program: Program | undefined,
  folder: string | undefined,
  host: ConfiningHost,
  { base, home }: Places,
): Promise<string[]> {
  const paths = (of: readonly string[] = []) => of.map((path) => resolve(base, path));
  const files = {
    readable: [...program?.files ?? [], ...paths(server.readable)],
    writable: [...folder ? [folder] : [], ...paths(server.writable)],
    hidden: home,
  };
  const command = await sandboxCommand(host, server.network, files);
  return [...command, "--chdir", folder ?? "/tmp", "--"];
}

function findProblem(
  server: ChildServer,
  program: Program | undefined,
  confinement: ChildConfinement,
  { why }: ConfiningHost,
): string | undefined {
  const { name, command, confinement: least = "any" } = server;
  if (!program) return `The command "${command}" of server "${name}" is not to be found`;
  if (JSON.stringify(server).includes("\\u0000")) {
    return `The configuration of server "${name}" holds the character NUL`;
  }
  const levels: readonly string[] = ["any", "none", "uid", "bwrap"];
  if (levels.indexOf(confinement) >= levels.indexOf(least)) return undefined;
  return `Server "${name}" demands the confinement "${least}", this host gives it "${confinement}": ${
    why ?? "its program cannot be read by another user"
  }`;
}

/**
 * Whether another user could run the program: without a sandbox it has to pass every folder above it, in one
 * those that are made visible.
 */
async function isOpenToAll(
  { words: [command = ""], files }: Program,
  level: ChildConfinement,
): Promise<boolean> {
  const real = await Deno.realPath(command).catch(() => command);
  const paths = level === "bwrap" ? [real, ...files] : [real, ...foldersAbove(real)];
  for (const path of paths) {
    const info = await Deno.stat(path).catch(() => undefined);
    if (info && ((info.mode ?? 0) & 0o001) === 0 && (info.isDirectory || path === real)) {
      return false;
    }
  }
  return true;
}

function foldersAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...foldersAbove(parent), parent];
}

/**
 * The group that a server's children share, always the same for its name: who lets it write a folder gives
 * that folder to this group.
 */
function groupOf(name: string, wideIds: boolean): number {
  let hash = 2166136261;
  for (const char of name) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619) >>> 0;
  return wideIds ? 1_900_000_000 + hash % 100_000_000 : 30_000 + hash % 30_000;
}
