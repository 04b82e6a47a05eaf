import { AppError } from "./errors.ts";

/** What `<home>/service.json` says of the service that runs in a home. */
export interface ServiceRecord {
  readonly pid: number;
  readonly url: string;
  readonly port: number;
  readonly version: string;
  readonly startedAt: string;
  readonly database: "embedded" | "external";
  readonly gateways: number;
}

/** The record in the file. `birth` names the process for ever, where the host can say: numbers are used again. */
interface StoredRecord extends ServiceRecord {
  readonly birth?: string;
}

/** Writes the record in one step. */
export async function writeServiceRecord(path: string, record: ServiceRecord): Promise<void> {
  const draft = `${path}.${record.pid}`;
  const stored: StoredRecord = { ...record, ...await findBirth(record.pid) };
  await Deno.writeTextFile(draft, JSON.stringify(stored, undefined, 2) + "\n");
  await Deno.rename(draft, path);
}

/** Removes the record if it is this process's own. */
export async function removeServiceRecord(path: string, pid: number): Promise<void> {
  const record = await readRecord(path);
  if (record?.pid === pid) await Deno.remove(path).catch(() => undefined);
}

/** The service that runs; undefined when there is none, also when the record outlived its process. */
export async function findService(path: string): Promise<ServiceRecord | undefined> {
  const stored = await readRecord(path);
  if (!stored || !await isOurs(stored)) return undefined;
  const { birth: _birth, ...record } = stored;
  return record;
}

async function readRecord(path: string): Promise<StoredRecord | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw new AppError("forbidden", `Cannot read "${path}"`, { cause: error });
  }
}

/** Whether the process lives and is the one that wrote the record, not a later one of the same number. */
async function isOurs({ pid, birth }: StoredRecord): Promise<boolean> {
  if (Deno.build.os !== "linux") return isAlive(pid);
  const now = await findBirth(pid);
  return now !== undefined && (birth === undefined || now.birth === birth);
}

/**
 * The boot, and the kernel's ticks at which the process began; undefined where it does not run. One that was
 * killed keeps its number until its parent collects it, which some hosts do late or never: it does not run.
 */
async function findBirth(pid: number): Promise<{ readonly birth: string } | undefined> {
  try {
    const boot = (await Deno.readTextFile("/proc/sys/kernel/random/boot_id")).trim();
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    // The name, in brackets, may hold anything; the fields after it are state, parent …, the 20th is the start.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return /^[ZX]/.test(fields[0] ?? "Z") ? undefined : { birth: `${boot}/${fields[19]}` };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied;
  }
}
