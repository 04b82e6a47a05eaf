import { buildForm } from "../../kernel/build_info.ts";
import { assetPath } from "../../kernel/assets.ts";
import type { CliContext } from "../context.ts";

/** Names of the programs in `scripts/bench`; none where the program is not run from a checkout. */
export async function listScripts(): Promise<readonly string[]> {
  if (buildForm() !== "source") return [];
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(assetPath("scripts/bench"))) {
    if (isFile && name.endsWith(".ts") && !name.endsWith("_test.ts")) names.push(name.slice(0, -3));
  }
  return names.sort();
}

/** Path of the program of that name; undefined when there is none. */
export async function findScript(name: string): Promise<string | undefined> {
  const names = await listScripts();
  return names.includes(name) ? assetPath(`scripts/bench/${name}.ts`) : undefined;
}

/** Runs the program with its own arguments; it prints for itself, and its exit status is ours. */
export async function runScript(
  context: CliContext,
  path: string,
  args: readonly string[],
): Promise<void> {
  const json = context.out.isJson && !args.includes("--json") ? ["--json"] : [];
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", path, ...args, ...json],
    signal: context.signal,
  }).spawn().status;
  context.setExit(code === 0 ? 0 : 1);
}
