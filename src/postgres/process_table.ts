import { isMissing } from "./file_access.ts";

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The folder that a process works in: for PostgreSQL its data folder. Undefined when there is no such process. */
export async function workFolder(pid: number): Promise<string | undefined> {
  try {
    return await Deno.readLink(`/proc/${pid}/cwd`);
  } catch (error) {
    if (isMissing(error) || error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}

export async function commandOf(pid: number): Promise<string> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-p", `${pid}`, "-o", "command="],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

/** Sends a signal; false when there is no such process, or it is not ours. 0 only asks whether it is there. */
export function signal(pid: number, name: Deno.Signal | 0): boolean {
  try {
    if (name === 0) return isPresent(pid);
    Deno.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

function isPresent(pid: number): boolean {
  if (Deno.build.os === "linux") return birthOf(pid) !== undefined;
  Deno.kill(pid, "SIGCONT");
  return true;
}

/** When the process began, in the kernel's ticks: with the number it names one process for ever. Zombies count as gone. */
export function birthOf(pid: number): string | undefined {
  if (Deno.build.os !== "linux") return "unknown";
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name, in brackets, may hold anything; the fields after it are state, parent …, the 20th is the start.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
