import { AppError } from "../../kernel/errors.ts";
import { isObject, read } from "../claude_code/fields.ts";
import type { ClientEntries } from "./entry.ts";

export interface EntryChange {
  readonly entry: string;
  readonly action: "added" | "replaced" | "kept";
}

export interface MergedEntries {
  /** The whole file, as it is to be written. */
  readonly document: Record<string, unknown>;
  readonly changes: readonly EntryChange[];
}

/**
 * Puts entries into a client's file at `path`, e.g. `["mcpServers"]`; everything else stays as it is, also
 * the order. `existing` is the parsed file, undefined where there is none. Throws `invalid` when something on
 * the way is no object, `conflict` when an entry of one of our names leads elsewhere.
 */
export function mergeEntries(
  existing: unknown,
  path: readonly string[],
  entries: ClientEntries,
): MergedEntries {
  const changes: EntryChange[] = [];
  const document = change(existing ?? {}, path, [], (servers) => {
    const merged = { ...servers };
    for (const [name, entry] of Object.entries(entries)) {
      const old = read(servers, name);
      const isSame = JSON.stringify(old) === JSON.stringify(entry);
      if (old !== undefined && !isSame && !isOurs(old)) {
        throw new AppError("conflict", `The client knows another server as "${name}"`, {
          hint: "Rename that entry, or name a server by --server.",
        });
      }
      changes.push({
        entry: name,
        action: old === undefined ? "added" : isSame ? "kept" : "replaced",
      });
      merged[name] = entry;
    }
    return merged;
  });
  return { document, changes };
}

function change(
  value: unknown,
  path: readonly string[],
  passed: readonly string[],
  work: (servers: Record<string, unknown>) => Record<string, unknown>,
): Record<string, unknown> {
  if (!isObject(value)) {
    const place = passed.length === 0 ? "The file" : `"${passed.join(".")}"`;
    throw new AppError("invalid", `${place} must be a JSON object`);
  }
  const [next, ...rest] = path;
  if (next === undefined) return work({ ...value });
  return { ...value, [next]: change(read(value, next) ?? {}, rest, [...passed, next], work) };
}

const GATEWAY_PATH = /^\/api\/v1\/mcp\/[a-z0-9-]+\/mcp$/;

/** Whether an entry was written by us, whatever address or home it names. */
function isOurs(entry: unknown): boolean {
  if (!isObject(entry)) return false;
  const url = read(entry, "url");
  if (typeof url === "string") return GATEWAY_PATH.test(URL.parse(url)?.pathname ?? "");
  const args = read(entry, "args");
  return Array.isArray(args) && args.join(" ").includes("plugins mcp stdio");
}
