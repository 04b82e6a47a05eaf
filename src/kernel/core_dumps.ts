/**
 * Of one byte: too small for any core file to be written, and by Linux's own rule no core is handed to a
 * collecting program either, which a limit of zero would not prevent.
 */
const LIMIT = 1;

/**
 * Lets this process, and those that it starts from now on, leave no core file: it would hold keys and values.
 * False where the host offers no way (Linux has one, with `prlimit` of util-linux).
 */
export async function forbidCoreDumps(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("prlimit", {
      args: ["--pid", `${Deno.pid}`, `--core=${LIMIT}:${LIMIT}`],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success || await leavesNoCore(Deno.pid);
  } catch {
    return await leavesNoCore(Deno.pid);
  }
}

/** Whether a process is limited so. */
export async function leavesNoCore(pid: number): Promise<boolean> {
  const limits = await Deno.readTextFile(`/proc/${pid}/limits`).catch(() => "");
  const soft = /^Max core file size +(\d+|unlimited)/m.exec(limits)?.[1];
  return soft !== undefined && Number(soft) <= LIMIT;
}
