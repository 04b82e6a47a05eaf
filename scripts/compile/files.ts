import { createHash } from "node:crypto";
import { join } from "node:path";

/** Something that the portable executable unpacks. */
export type Entry = FileEntry | FolderEntry | LinkEntry;

export interface FileEntry {
  readonly kind: "file";
  /** Below the program's folder, with slashes. */
  readonly path: string;
  readonly executable: boolean;
  /** The file that holds the content, or the content. */
  readonly from: string | Uint8Array;
}

export interface FolderEntry {
  readonly kind: "folder";
  readonly path: string;
}

export interface LinkEntry {
  readonly kind: "link";
  readonly path: string;
  readonly target: string;
}

/** The files, folders and links of `folder`, to stand at `at`. Names with a leading dot are left out. */
export async function* listTree(folder: string, at: string): AsyncGenerator<Entry> {
  if (at !== "") yield { kind: "folder", path: at };
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(folder)) {
    if (name.startsWith(".")) continue;
    const from = join(folder, name);
    const path = at === "" ? name : `${at}/${name}`;
    if (isSymlink) yield { kind: "link", path, target: await Deno.readLink(from) };
    else if (isDirectory) yield* listTree(from, path);
    else {
      const { mode } = await Deno.stat(from);
      yield { kind: "file", path, executable: ((mode ?? 0) & 0o100) !== 0, from };
    }
  }
}

export function textFile(path: string, text: string, executable = false): FileEntry {
  return { kind: "file", path, executable, from: new TextEncoder().encode(text) };
}

export async function contentOf({ from }: FileEntry): Promise<Uint8Array> {
  return typeof from === "string" ? await Deno.readFile(from) : from;
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** In an order that does not depend on the file system, folders before what they hold. */
export function sorted(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((a, b) => a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
}
