import { fileURLToPath } from "node:url";
import { ENTRIES } from "../../src/isolates/entries.ts";
import { V8_FLAGS } from "../../src/kernel/self.ts";
import config from "../../deno.json" with { type: "json" };

/** The checkout. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What the program starts from: the command line, and every isolate. */
export const ENTRY_MODULES: readonly string[] = ["main.ts", ...Object.values(ENTRIES)];

/** Folders that ship as they are. Migrations are part of the code, as text imports. */
export const SHIPPED_FOLDERS: readonly string[] = ["services"];

/**
 * What the supervisor may do. Everything: it starts PostgreSQL and tool servers, reads `/proc` to tell its
 * own processes from others (which Deno allows to nobody with less), and hands each isolate the part
 * of its rights that the configuration asks for. It serves no request and loads no protocol code.
 */
export const PERMISSIONS: readonly string[] = ["--allow-all"];

/** Deno's features behind flags that `deno.json` turns on, and V8's: where that file is not read they are named. */
export const FEATURES: readonly string[] = [
  ...config.unstable.map((name) => `--unstable-${name}`),
  `--v8-flags=${V8_FLAGS.join(",")}`,
];

/** No configuration of whoever's folder it is started in, no lock file, no network, no questions. */
export const SEALED: readonly string[] = [
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
  "--cached-only",
  "--no-prompt",
];
