/** Programs start with these bytes: ELF, and Mach-O in its two byte orders. */
const MAGIC = ["7f454c46", "cffaedfe", "cafebabe"];

/** The real executable of the Deno that runs this script: npm also installs scripts of that name. */
export async function findRuntime(): Promise<string> {
  const path = await Deno.realPath(Deno.execPath());
  using file = await Deno.open(path);
  const start = new Uint8Array(4);
  await file.read(start);
  if (!MAGIC.includes(start.toHex())) throw new Error(`"${path}" is not an executable of Deno`);
  return path;
}

/** Runs this Deno with its output shown; throws when it fails. */
export async function runDeno(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    env: { DENO_NO_UPDATE_CHECK: "1", ...options.env },
    ...options.cwd === undefined ? {} : { cwd: options.cwd },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  if (code !== 0) throw new Error(`"deno ${args[0]}" ended with status ${code}`);
}
