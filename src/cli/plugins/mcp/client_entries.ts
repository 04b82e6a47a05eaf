import {
  ALL_SERVERS_ENTRY,
  type EntryChange,
  type MergedEntries,
  mergeEntries,
  serverPath,
} from "../../../plugins/mod.ts";
import type { CliContext } from "../../context.ts";
import { readSettings, writeSettings } from "../../core/hooks/client_files.ts";
import { type ClaudeScope, type ClientPlace, findPlace } from "./client_places.ts";

/** Writes the file; what stood in it before is kept beside it. Answers where that is. */
export async function writeEntries(
  { file, isShared }: ClientPlace,
  { document }: MergedEntries,
  existed: boolean,
): Promise<string | null> {
  const backup = existed ? `${file}.before-spgov` : null;
  const { mode } = existed ? await Deno.stat(file) : { mode: null };
  if (backup !== null) await Deno.copyFile(file, backup);
  await writeSettings(file, document);
  // What is shared holds no token, and stays as readable as it was.
  if (isShared) await Deno.chmod(file, (mode ?? 0o644) & 0o777);
  return backup;
}

export interface GatewayEntry {
  readonly file: string;
  readonly change: EntryChange["action"];
  /** Puts it in place. */
  write(): Promise<void>;
}

/** The one entry for everything, by which Claude Code finds the gateway and signs in by itself. */
export async function planGatewayEntry(
  context: CliContext,
  { scope, dir, url }: {
    readonly scope: ClaudeScope;
    readonly dir: string | undefined;
    readonly url: string;
  },
): Promise<GatewayEntry> {
  const place = findPlace(context, "claude-code", { scope, ...dir !== undefined && { dir } });
  const existing = await readSettings(place.file);
  const merged = mergeEntries(existing, place.path, {
    [ALL_SERVERS_ENTRY]: { type: "http", url: `${url}${serverPath("all")}` },
  });
  const change = merged.changes[0]?.action ?? "kept";
  return {
    file: place.file,
    change,
    async write() {
      if (change !== "kept") await writeEntries(place, merged, existing !== undefined);
    },
  };
}
