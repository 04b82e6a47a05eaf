import { fileURLToPath } from "node:url";

/** How to run this program again: the command and its first arguments. */
export interface SelfCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** The path of the portable executable, set by its header. */
export const EXECUTABLE_VARIABLE = "SPGOV_EXECUTABLE";

/** The command that starts this very program. */
export function selfCommand(env: Readonly<Record<string, string>>): SelfCommand {
  const executable = env[EXECUTABLE_VARIABLE];
  if (executable !== undefined) return { command: executable, args: [] };
  if (Deno.build.standalone) return { command: Deno.execPath(), args: [] };
  return { command: Deno.execPath(), args: ["run", "-A", fileURLToPath(Deno.mainModule)] };
}
