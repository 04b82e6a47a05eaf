import { basename, join } from "node:path";
import { type Entry, listTree } from "./files.ts";
import { getPackage } from "./packages.ts";
import { ENTRY_MODULES, ROOT } from "./project.ts";
import { runDeno } from "./runtime.ts";

/**
 * WebAssembly that stays a file of its own, with the script that belongs to it: a bundler would write it as
 * text into a module, which every isolate then parses for seconds whether it needs it or not.
 */
const KEPT_APART = [{
  package: "@cedar-policy/cedar-wasm",
  files: ["esm/cedar_wasm_bg.js", "esm/cedar_wasm_bg.wasm"],
}];

/** No piece of ours comes near; one that does holds something that should be kept apart. */
const MAX_MODULE_BYTES = 2_000_000;

/**
 * Bundles the program into `folder`: `main.js`, the isolates at their paths in the checkout, and the
 * pieces that they share. Packages and text imports end up in them.
 */
export async function bundleProgram(folder: string): Promise<void> {
  const names = KEPT_APART.flatMap(({ files }) => files.map((path) => `./${basename(path)}`));
  await bundle([
    "--code-splitting",
    ...names.flatMap((name) => ["--external", name]),
    "--outdir",
    folder,
    ...ENTRY_MODULES,
  ]);
  for (const { package: name, files } of KEPT_APART) {
    const found = await getPackage(name);
    for (const path of files) {
      await Deno.copyFile(join(found.folder, path), join(folder, basename(path)));
    }
  }
  for await (const entry of listTree(folder, "")) await checkModule(folder, entry);
}

/** Bundles one module of this folder into one file. */
export async function bundleScript(path: string, output: string): Promise<void> {
  await bundle(["--output", output, join("scripts/compile", path)]);
}

async function bundle(args: readonly string[]): Promise<void> {
  await runDeno(["bundle", "--quiet", "--platform", "deno", "--frozen", ...args], ROOT);
}

/** What the bundler left to be imported must be there: at run time nothing is resolved or fetched. */
async function checkModule(folder: string, entry: Entry): Promise<void> {
  if (entry.kind !== "file" || !entry.path.endsWith(".js")) return;
  const path = join(folder, entry.path);
  const text = await Deno.readTextFile(path);
  if (text.length > MAX_MODULE_BYTES) {
    throw new Error(`"${entry.path}" has ${text.length} bytes: what is in it should be kept apart`);
  }
  for (const [, specifier = ""] of text.matchAll(IMPORT)) {
    if (specifier.startsWith("node:")) continue;
    const target = new URL(specifier, `file://${path}`);
    await Deno.stat(target).catch(() => {
      throw new Error(`"${entry.path}" imports "${specifier}", which is not bundled`);
    });
  }
}

/** As the bundler writes it: one statement a line. */
const IMPORT = /^(?:import|export|\}) ?(?:.* ?from )?"([^"]+)";$/gm;
