import { dirname, join } from "node:path";
import { messageOf } from "../../src/kernel/errors.ts";
import { ENTRY_MODULES, FEATURES, PERMISSIONS, ROOT, SHIPPED_FOLDERS } from "./project.ts";
import { collectLicenses } from "./licenses.ts";
import { contentOf, type Entry, listTree } from "./files.ts";
import { findPostgres } from "./postgres.ts";
import { runDeno } from "./runtime.ts";

/** What `deno compile` reads: the program, what it imports, and where its packages are locked. */
const SOURCES = ["main.ts", "deno.json", "deno.lock", "src", "migrations", "demo/servers"];

/**
 * Writes one executable with `deno compile`. It is compiled in a copy of the checkout in which PostgreSQL
 * and the licences stand where the program looks for them. Needs Deno's base binary: that of
 * `DENORT_BIN`, the one in Deno's cache, or a download. False when it is not to be had.
 */
export async function buildCompiled(output: string, work: string): Promise<boolean> {
  const project = join(work, "project");
  await stage(project);
  const draft = `${output}.${Deno.pid}.new`;
  const included = [...ENTRY_MODULES.slice(1), ...SHIPPED_FOLDERS, "postgres", "LICENSES"];
  const args = [
    "compile",
    "--frozen",
    "--no-check",
    "--no-prompt",
    ...PERMISSIONS,
    ...FEATURES,
    ...included.flatMap((path) => ["--include", path]),
    "--output",
    draft,
    "main.ts",
  ];
  try {
    await runDeno(args, project);
    await Deno.rename(draft, output);
    return true;
  } catch (error) {
    if (/base binary|denort/.test(messageOf(error))) return false;
    throw error;
  }
}

async function stage(project: string): Promise<void> {
  for (const path of [...SOURCES, ...SHIPPED_FOLDERS]) await copy(join(ROOT, path), project, path);
  await copy(await findPostgres(), project, "postgres");
  await Deno.writeTextFile(join(project, "LICENSES"), await collectLicenses());
}

async function copy(from: string, project: string, at: string): Promise<void> {
  const { isDirectory } = await Deno.stat(from);
  await Deno.mkdir(dirname(join(project, at)), { recursive: true });
  if (!isDirectory) return await Deno.copyFile(from, join(project, at));
  for await (const entry of listTree(from, at)) await write(entry, join(project, entry.path));
}

async function write(entry: Entry, path: string): Promise<void> {
  if (/_test\.tsx?$/.test(path)) return;
  if (entry.kind === "folder") await Deno.mkdir(path, { recursive: true });
  // Links are listed in `pg-symlinks.json`, which is followed when the files are unpacked.
  if (entry.kind === "file") await Deno.writeFile(path, await contentOf(entry));
}
