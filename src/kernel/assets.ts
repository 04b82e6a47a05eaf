import { fileURLToPath } from "node:url";

/** What this file is called until a bundler puts its code elsewhere. */
const SOURCE_NAME = "/src/kernel/assets.ts";

/** A module in the program's folder: below `src`, or a bundler's piece beside `main.js`. */
const MODULE_NAME = /\/(?:src\/(?:kernel|isolates)\/)?[^/]+$/;

/**
 * Whether this is the bundled program. Told from where its code is and not from a variable: that could be
 * set by anybody who starts the program, and would be inherited by every program that this one starts.
 */
export function isBundled(): boolean {
  return !import.meta.url.endsWith(SOURCE_NAME);
}

/** The program's folder, laid out as the checkout however it was delivered. Ends with a slash. */
function rootUrl(): string {
  return import.meta.url.replace(MODULE_NAME, "/");
}

/** Path of the folder that holds what ships with the program; in source the checkout. */
export function assetRoot(): string {
  return fileURLToPath(rootUrl());
}

/** Path of something that ships with the program, by its path in the checkout, e.g. `services`. */
export function assetPath(name: string): string {
  return fileURLToPath(new URL(name, rootUrl()));
}

/** Address of a module that is started by it, by its path in the checkout, e.g. `src/isolates/jobs.ts`. */
export function moduleUrl(path: string): string {
  return new URL(isBundled() ? path.replace(/\.ts$/, ".js") : path, rootUrl()).href;
}
