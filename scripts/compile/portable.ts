import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { createWriteStream } from "node:fs";
import { createGzip } from "node:zlib";
import { LAUNCHER } from "../../src/kernel/self.ts";
import { VERSION } from "../../src/kernel/version.ts";
import { PLATFORM } from "../../src/postgres/postgres_package.ts";
import {
  contentOf,
  type Entry,
  type FileEntry,
  listTree,
  sha256,
  sorted,
  textFile,
} from "./files.ts";
import { collectLicenses } from "./licenses.ts";
import { MANIFEST, type Manifest, type ManifestFile } from "./portable/manifest.ts";
import { findPostgres } from "./postgres.ts";
import { bundleProgram, bundleScript } from "./program.ts";
import { FEATURES, PERMISSIONS, ROOT, SEALED, SHIPPED_FOLDERS } from "./project.ts";
import { findRuntime } from "./runtime.ts";
import { writeTar } from "./tar.ts";

export interface PortableResult {
  readonly id: string;
  /** What it takes in the cache folder. */
  readonly unpackedBytes: number;
}

const TEMPLATES = new URL("./portable/", import.meta.url);

/** Writes the self-extracting executable: a script, and the archive that it unpacks. */
export async function buildPortable(output: string, work: string): Promise<PortableResult> {
  const entries = sorted(await collectEntries(work));
  const manifest = await describe(entries);
  const list = textFile(MANIFEST, JSON.stringify(manifest));
  const archive = join(work, "payload.tar.gz");
  await pipeline(
    Readable.from(writeTar([list, ...entries])),
    createGzip({ level: 7 }),
    createWriteStream(archive),
  );
  await writeExecutable(output, await buildHeader(manifest, list, archive), archive);
  return { id: manifest.id, unpackedBytes: manifest.bytes };
}

async function collectEntries(work: string): Promise<Entry[]> {
  const program = join(work, "program");
  await bundleProgram(program);
  await bundleScript("portable/settle.ts", join(program, "settle.js"));
  const entries = [
    ...await Array.fromAsync(listTree(program, "")),
    ...await Array.fromAsync(listTree(await findPostgres(), "postgres")),
    textFile("LICENSES", await collectLicenses()),
    textFile(LAUNCHER, await buildLauncher(), true),
  ];
  for (const folder of SHIPPED_FOLDERS) {
    // Held in memory: somebody may be editing them.
    entries.push(...await Array.fromAsync(listTree(join(ROOT, folder), folder), hold));
  }
  entries.push({ kind: "file", path: "runtime", executable: true, from: await findRuntime() });
  return entries;
}

async function hold(entry: Entry): Promise<Entry> {
  return entry.kind === "file" ? { ...entry, from: await contentOf(entry) } : entry;
}

async function describe(entries: readonly Entry[]): Promise<Manifest> {
  const files: Record<string, ManifestFile> = {};
  const shapes: unknown[] = [];
  for (const entry of entries) {
    if (entry.kind !== "file") {
      shapes.push(entry);
      continue;
    }
    const content = await contentOf(entry);
    files[entry.path] = { size: content.length, sha256: sha256(content) };
    shapes.push({ ...entry, from: files[entry.path] });
  }
  const bytes = Object.values(files).reduce((sum, { size }) => sum + size, 0);
  const hash = sha256(JSON.stringify(shapes));
  return { id: `${VERSION}-${hash.slice(0, 16)}`, sha256: hash, bytes, files };
}

async function buildLauncher(): Promise<string> {
  const flags = [...SEALED, ...PERMISSIONS, ...FEATURES].join(" ");
  return await fill("launch.sh", { VERSION, FLAGS: flags });
}

/** The script tells how long it is itself: its numbers take the same room whatever they are. */
async function buildHeader(
  { id, bytes, files }: Manifest,
  list: FileEntry,
  archive: string,
): Promise<string> {
  const { size } = await Deno.stat(archive);
  const sum = sha256(await contentOf(list));
  const write = (offset: number) =>
    fill("header.sh", {
      VERSION,
      PLATFORM,
      ID: id,
      // The header takes an empty file for a damaged one; the bundler writes some.
      MODULES: Object.entries(files).filter(([path, { size }]) => path.endsWith(".js") && size > 0)
        .map(([path]) => path).join(" "),
      OFFSET: `${offset + 1}`.padEnd(8),
      TOTAL: `${offset + size}`.padEnd(12),
      SUM: sum,
      SETTLE_FLAGS: [...SEALED, ...PERMISSIONS].join(" "),
      UNPACKED_MB: `${Math.ceil(bytes / 1e6)}`,
    });
  const length = new TextEncoder().encode(await write(0)).length;
  return await write(length);
}

async function writeExecutable(output: string, header: string, archive: string): Promise<void> {
  const draft = `${output}.${Deno.pid}.new`;
  await Deno.writeTextFile(draft, header, { mode: 0o755 });
  using from = await Deno.open(archive);
  using to = await Deno.open(draft, { append: true });
  await from.readable.pipeTo(to.writable);
  await Deno.chmod(draft, 0o755);
  await Deno.rename(draft, output);
}

async function fill(name: string, values: Readonly<Record<string, string>>): Promise<string> {
  const template = await Deno.readTextFile(new URL(name, TEMPLATES));
  return template.replace(/@([A-Z_]+)@/g, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`"${name}" asks for an unknown ${key}`);
    return value;
  });
}
