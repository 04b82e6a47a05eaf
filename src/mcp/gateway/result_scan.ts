import type { SecretScan, SecretScanner } from "../../governance/mod.ts";
import { isObject } from "./message.ts";

/** A value without the credentials that were found in it. */
export interface Clean {
  readonly value: unknown;
  /** Kinds of credentials that were redacted; `unsearched` for what could not be searched. */
  readonly kinds: readonly string[];
  /** What was found in the value as a whole. */
  readonly scan: SecretScan;
}

/** Characters that are searched at once; the scanner takes at most 1,114,112. */
const PIECE = 512 * 1024;
/** Characters that pieces share, so that none is cut in two. */
const OVERLAP = 8 * 1024;
/** Levels of a value that are looked into; what is deeper is left out. */
const MAX_DEPTH = 64;

/**
 * Takes credentials out of what a server sent. A value too large to be searched at once is searched text by
 * text, long texts piece by piece; a long text that holds a credential is withheld as a whole.
 */
export function cleanResult(scanner: SecretScanner, value: unknown, path: string): Clean {
  const scan = scanner.scan(value, path);
  if (!scan.exhausted && scan.findings.length === 0) return { value, kinds: [], scan };
  if (!scan.exhausted) {
    return {
      value: scanner.redact(value, path).value,
      kinds: [...new Set(scan.findings.map(({ kind }) => kind))],
      scan,
    };
  }
  const kinds = new Set<string>();
  return { value: cleanParts(scanner, value, path, kinds, 0), kinds: [...kinds], scan };
}

function cleanParts(
  scanner: SecretScanner,
  value: unknown,
  path: string,
  kinds: Set<string>,
  depth: number,
): unknown {
  if (depth > MAX_DEPTH) {
    kinds.add("unsearched");
    return "[redacted:unsearched]";
  }
  if (typeof value === "string") return cleanText(scanner, value, path, kinds);
  if (Array.isArray(value)) {
    return value.map((item, at) => cleanParts(scanner, item, `${path}[${at}]`, kinds, depth + 1));
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      cleanText(scanner, key, path, kinds),
      cleanParts(scanner, member, `${path}.${key}`, kinds, depth + 1),
    ]),
  );
}

function cleanText(
  scanner: SecretScanner,
  text: string,
  path: string,
  kinds: Set<string>,
): string {
  for (let at = 0; at === 0 || at + OVERLAP < text.length; at += PIECE - OVERLAP) {
    const piece = text.slice(at, at + PIECE);
    const { findings, exhausted } = scanner.scan(piece, path);
    if (findings.length === 0 && !exhausted) continue;
    for (const { kind } of findings) kinds.add(kind);
    if (exhausted) kinds.add("unsearched");
    if (text.length <= PIECE) return String(scanner.redact(text, path).value);
    return `[redacted:${findings[0]?.kind ?? "unsearched"}:${text.length} characters]`;
  }
  return text;
}
