/** Programs of the host that children are started with, by absolute paths. */
export interface HostTools {
  readonly cat: string;
  readonly sleep: string;
  readonly mktemp: string;
  readonly rm: string;
  readonly chown: string;
  readonly sh: string;
  /** Starts a command in a session of its own (util-linux). */
  readonly setsid: string | undefined;
  /** Starts a command as another user (util-linux). */
  readonly setpriv: string | undefined;
  /** Starts a command with limits of its own (util-linux). */
  readonly prlimit: string | undefined;
  /** Bubblewrap: starts a command in name spaces of its own. */
  readonly bwrap: string | undefined;
}

/** The system's own folders come before whatever the operator's path names. */
const SYSTEM_PATH = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/run/current-system/sw/bin"];

/** Looks up the programs on this host. */
export async function findTools(path: string): Promise<HostTools> {
  const find = (name: string) => findProgram(name, [...SYSTEM_PATH, ...pathFolders(path)]);
  const standard = async (name: string) => await find(name) ?? `/bin/${name}`;
  return {
    cat: await standard("cat"),
    sleep: await standard("sleep"),
    mktemp: await standard("mktemp"),
    rm: await standard("rm"),
    chown: await standard("chown"),
    sh: await standard("sh"),
    setsid: await find("setsid"),
    setpriv: await find("setpriv"),
    prlimit: await find("prlimit"),
    bwrap: await find("bwrap"),
  };
}

/** The folders of a `PATH`; relative ones are left out, they mean another folder for each process. */
export function pathFolders(path: string): string[] {
  return path.split(":").filter((folder) => folder.startsWith("/"));
}

/** The first executable file of that name. */
export async function findProgram(
  name: string,
  folders: readonly string[],
): Promise<string | undefined> {
  for (const folder of folders) {
    if (await isProgram(`${folder}/${name}`)) return `${folder}/${name}`;
  }
  return undefined;
}

/** Whether a file that can be run stands at `path`. */
export async function isProgram(path: string): Promise<boolean> {
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.isFile === true && ((info.mode ?? 0) & 0o111) !== 0;
}
