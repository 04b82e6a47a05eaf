import { dirname, join, relative } from "node:path";
import type { ConfiningHost } from "./host.ts";

/** What a sandboxed child sees of the host's files. */
export interface SandboxFiles {
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** What it must not see wherever it lies: the appliance's own home. */
  readonly hidden: string;
}

/** Top folders that are links to folders below `/usr` on most systems, and folders of their own on others. */
const TOP = ["/bin", "/sbin", "/lib", "/lib32", "/lib64"];

/** What programs look up to find hosts, users, certificates, the time and their libraries. No secret. */
const SETTINGS = [
  "/etc/alternatives",
  "/etc/ca-certificates",
  "/etc/group",
  "/etc/hosts",
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/localtime",
  "/etc/nsswitch.conf",
  "/etc/passwd",
  "/etc/pki/tls/certs",
  "/etc/resolv.conf",
  "/etc/ssl/certs",
  "/etc/ssl/openssl.cnf",
];

const NO_FILES: SandboxFiles = { readable: [], writable: [], hidden: "/" };

/** Bytes of each file system in memory that a child may fill. */
const MEMORY_FILES = 256 * 1024 * 1024;

/**
 * The command that starts another in name spaces of its own, to be followed by that command: it sees the
 * system read-only, a private `/proc`, `/dev` and `/tmp`, what `files` names, and no network unless told.
 * Started by root it may become another user, for `ownUser`; it has no other privilege.
 */
export async function sandboxCommand(
  host: Pick<ConfiningHost, "tools" | "root">,
  network: boolean,
  files: SandboxFiles,
): Promise<string[]> {
  return [
    host.tools.bwrap ?? "bwrap",
    "--die-with-parent",
    ...nameSpaces(host.root, network),
    ...["--ro-bind", "/usr", "/usr"],
    ...(await Promise.all(TOP.map(topFolder))).flat(),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...["--perms", "1777", "--size", `${MEMORY_FILES}`, "--tmpfs", "/tmp"],
    ...bindings("--ro-bind-try", ["/nix/store", ...SETTINGS, ...files.readable]),
    ...bindings("--bind-try", files.writable),
    ...(await placesOf(files)).flatMap((path) => ["--perms", "0700", "--tmpfs", path]),
  ];
}

/** Processes and threads of a child that is a user of its own: enough for a browser, too few to bring a host down. */
const MOST_PROCESSES = 1024;

/** A command that succeeds when a sandbox can be made here. */
export async function sandboxProbe(
  host: Pick<ConfiningHost, "tools" | "root" | "wideIds">,
): Promise<string[]> {
  const sandbox = await sandboxCommand(host, false, NO_FILES);
  const id = host.wideIds ? "1000000001" : "30001";
  const user = host.root ? ownUser(host.tools, id, id) : [];
  return [...sandbox, "--", ...user, host.tools.sh, "-c", ":"];
}

/** The command that starts another as a user that nobody else is, without any privilege. */
export function ownUser(
  { setpriv, prlimit }: ConfiningHost["tools"],
  uid: string,
  gid: string,
): string[] {
  return [
    ...prlimit === undefined ? [] : [prlimit, `--nproc=${MOST_PROCESSES}`],
    setpriv ?? "setpriv",
    ...["--reuid", uid, "--regid", gid, "--clear-groups"],
    ...["--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--"],
  ];
}

function nameSpaces(root: boolean, network: boolean): string[] {
  // Root needs no user name space, and could not become another user in one of its own.
  const users = root
    ? ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"]
    : ["--unshare-user"];
  return [
    ...users,
    ...["--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"],
    ...network ? [] : ["--unshare-net"],
  ];
}

async function topFolder(path: string): Promise<string[]> {
  const info = await Deno.lstat(path).catch(() => undefined);
  if (!info) return [];
  if (!info.isSymlink) return ["--ro-bind", path, path];
  return ["--symlink", await Deno.readLink(path), path];
}

/**
 * Makes `paths` visible. The folders above are made first, open to the child, which may be another user: bwrap
 * would make them for whoever starts it. What is below `/usr` is there anyway.
 */
function bindings(how: string, paths: readonly string[]): string[] {
  return [...new Set(paths)].filter((path) => !isInside(path, "/usr")).flatMap((path) => [
    ...foldersAbove(path).flatMap((folder) => ["--perms", "0755", "--dir", folder]),
    ...[how, path, path],
  ]);
}

/** Where what is hidden would be seen: inside what is made visible, by whatever links. */
async function placesOf({ readable, writable, hidden }: SandboxFiles): Promise<string[]> {
  const home = await realPath(hidden);
  const seen = await Promise.all(["/usr", ...readable, ...writable].map(async (path) => {
    const real = await realPath(path);
    return isInside(home, real) ? [join(path, relative(real, home))] : [];
  }));
  return [...new Set(seen.flat())];
}

function realPath(path: string): Promise<string> {
  return Deno.realPath(path).catch(() => path);
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** `/a` and `/a/b` for `/a/b/c`. */
function foldersAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === "/" ? [] : [...foldersAbove(parent), parent];
}
