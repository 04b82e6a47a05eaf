/** CPU time in milliseconds by what used it, since the processes began. */
export type CpuTimes = Readonly<Record<string, number>>;

interface Stat {
  readonly name: string;
  readonly parent: number;
  readonly cpuMs: number;
}

/** Of a process or thread folder in /proc; undefined when it has ended. */
function findStat(folder: string): Stat | undefined {
  try {
    const text = Deno.readTextFileSync(`${folder}/stat`);
    // The name is in parentheses and may itself hold anything.
    const [open, close] = [text.indexOf("("), text.lastIndexOf(")")];
    const [nanoseconds = "0"] = Deno.readTextFileSync(`${folder}/schedstat`).split(" ");
    return {
      name: text.slice(open + 1, close),
      parent: Number(text.slice(close + 2).split(" ")[1]),
      cpuMs: Number(nanoseconds) / 1e6,
    };
  } catch {
    return undefined;
  }
}

/**
 * CPU times of the service's threads by name, and of the database server's processes together as `postgres`.
 * Empty where there is no /proc.
 */
export function cpuTimes(servicePid: number, postgresPid?: number): CpuTimes {
  const times: Record<string, number> = {};
  for (const thread of listIds(`/proc/${servicePid}/task`)) {
    const stat = findStat(`/proc/${servicePid}/task/${thread}`);
    if (!stat) continue;
    const name = thread === servicePid ? "supervisor" : threadName(stat.name);
    times[name] = (times[name] ?? 0) + stat.cpuMs;
  }
  if (postgresPid !== undefined) times["postgres"] = postgresTime(postgresPid);
  times["generator"] = ownThreadTime();
  return times;
}

/** Worker threads carry the isolate's name or `worker-N`; the rest is the runtime's own. */
function threadName(name: string): string {
  return name.replace(/^(worker-\d+|gateway-\d+|egress|jobs|configuration).*$/, "$1");
}

function postgresTime(postmaster: number): number {
  let sum = 0;
  for (const pid of listIds("/proc")) {
    const stat = findStat(`/proc/${pid}`);
    if (stat && (pid === postmaster || stat.parent === postmaster)) sum += stat.cpuMs;
  }
  return sum;
}

function ownThreadTime(): number {
  return findStat(`/proc/self/task/${Deno.pid}`)?.cpuMs ?? 0;
}

function listIds(folder: string): number[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => Number(name)).filter((id) => id > 0);
  } catch {
    return [];
  }
}

/** What was used between two readings, in microseconds for each of `requests`. */
export function perRequest(before: CpuTimes, after: CpuTimes, requests: number): CpuTimes {
  const entries = Object.entries(after)
    .map(([name, ms]): [string, number] => [name, (ms - (before[name] ?? 0)) * 1000 / requests])
    .filter(([, us]) => us >= 0.5);
  return Object.fromEntries(entries.map(([name, us]) => [name, Number(us.toFixed(1))]));
}

/** Resident memory of a process in bytes: all of it, and its parts. */
export interface Memory {
  readonly total: number;
  /** Its own data. */
  readonly anonymous: number;
  /** Mapped files: mostly the executable itself, shared with every other process of it. */
  readonly file: number;
}

/** Undefined when the process has ended or there is no /proc. */
export function findMemory(pid: number): Memory | undefined {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/status`);
    const kilobytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
    return {
      total: kilobytes("VmRSS"),
      anonymous: kilobytes("RssAnon"),
      file: kilobytes("RssFile"),
    };
  } catch {
    return undefined;
  }
}

/** Pid of the embedded server of a home; undefined when it is not there. */
export async function findPostmaster(dataDir: string): Promise<number | undefined> {
  const text = await Deno.readTextFile(`${dataDir}/postmaster.pid`).catch(() => "");
  return Number(text.split("\n")[0]) || undefined;
}
