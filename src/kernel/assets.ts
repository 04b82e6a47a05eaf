import { fileURLToPath } from "node:url";

/** Path of something that ships with the program, e.g. `services`. */
export function assetPath(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}
