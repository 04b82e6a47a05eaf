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

/** Writes the record in one step. */
export async function writeServiceRecord(path: string, record: ServiceRecord): Promise<void> {
  const draft = `${path}.${record.pid}`;
  await Deno.writeTextFile(draft, JSON.stringify(record, undefined, 2) + "\n");
  await Deno.rename(draft, path);
}

/** Removes the record if it is this process's own. */
export async function removeServiceRecord(path: string, pid: number): Promise<void> {
  const record = await readRecord(path);
  if (record?.pid === pid) await Deno.remove(path).catch(() => undefined);
}

/** The service that runs; undefined when there is none, also when the record outlived its process. */
export async function findService(path: string): Promise<ServiceRecord | undefined> {
  const record = await readRecord(path);
  return record && await isOurs(record) ? record : undefined;
}

async function readRecord(path: string): Promise<ServiceRecord | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw new AppError("forbidden", `Cannot read "${path}"`, { cause: error });
  }
}

/** Whether the process lives and began before its record was written: a reused pid began later. */
async function isOurs({ pid, startedAt }: ServiceRecord): Promise<boolean> {
  if (Deno.build.os !== "linux") return isAlive(pid);
  try {
    const { mtime } = await Deno.stat(`/proc/${pid}`);
    if (await hasEnded(pid)) return false;
    return mtime === null || mtime.getTime() <= Date.parse(startedAt) + 5000;
  } catch {
    return false;
  }
}

/** A process that was killed keeps its number until its parent collects it, which some hosts do late or never. */
async function hasEnded(pid: number): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  return /^ [ZX]/.test(stat.slice(stat.lastIndexOf(")") + 1));
}

function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied;
  }
}
