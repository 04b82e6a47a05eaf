import type { SecretsConfig } from "./config.ts";
import { isDocumented, sha256 } from "./documented.ts";

/** Decides what is let through although it has the form of a credential. */
export interface AllowList {
  value(value: string): boolean;
  path(path: string): boolean;
}

/** A glob as a test without backtracking: `*` is any run of characters, `?` is one. */
export function globTest(glob: string): (text: string) => boolean {
  const parts = glob.split("*");
  return (text) => {
    let at = 0;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] ?? "";
      const last = i === parts.length - 1;
      const found = i === 0
        ? (matchesAt(text, part, 0) ? 0 : -1)
        : last
        ? (text.length - part.length >= at && matchesAt(text, part, text.length - part.length)
          ? text.length - part.length
          : -1)
        : indexOfPart(text, part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return parts.length > 1 || at === text.length;
  };
}

function matchesAt(text: string, part: string, at: number): boolean {
  if (at + part.length > text.length) return false;
  for (let i = 0; i < part.length; i++) {
    if (part[i] !== "?" && part[i] !== text[at + i]) return false;
  }
  return true;
}

function indexOfPart(text: string, part: string, from: number): number {
  for (let at = from; at + part.length <= text.length; at++) {
    if (matchesAt(text, part, at)) return at;
  }
  return -1;
}

/** Builds the allow list of a configuration, with the values that vendors publish. */
export function createAllowList(config: SecretsConfig["allow"]): AllowList {
  const hashes = new Set(config.values.flatMap((each) => "sha256" in each ? [each.sha256] : []));
  const globs = config.values.flatMap((each) => "glob" in each ? [globTest(each.glob)] : []);
  const paths = config.paths.map(globTest);
  return {
    value: (value) =>
      isDocumented(value) || (hashes.size > 0 && hashes.has(sha256(value))) ||
      globs.some((test) => test(value)),
    path: (path) => paths.some((test) => test(path)),
  };
}
