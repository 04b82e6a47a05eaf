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

/** Runs this Deno. Throws with what it said when it fails. */
export async function runDeno(args: readonly string[], cwd: string): Promise<void> {
  const { success, code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  if (success) return;
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  throw new Error(`"deno ${args[0]}" ended with status ${code}\n${said}`);
}
