import { exportBundle, type ExportCounts, exportRows, type RowFilter } from "../../../audit/mod.ts";
import type { Pool } from "../../../db/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { PeriodFlags } from "../../flags.ts";
import { loadSealKey } from "./seal_keys.ts";
import { plural } from "./words.ts";

interface Flags extends PeriodFlags {
  readonly format: "bundle" | "jsonl";
  readonly session?: string;
  readonly output?: string;
}

type Write = (line: string) => Promise<void> | void;

export default async function exportLog(
  this: CliContext,
  { format, output, ...filter }: Flags,
): Promise<void> {
  const toStdout = output === undefined || output === "-";
  if (toStdout && this.out.isJson) {
    throw new AppError("usage", 'Cannot print an export inside of "--json"', {
      hint: "Name a file by --output; without --json the lines go to standard output.",
    });
  }
  const { sql } = await openDatabase(this, { statementTimeoutMs: 0 });
  const work = (write: Write): Promise<Partial<ExportCounts> & { rows: number }> =>
    format === "bundle" ? writeBundle(this, sql, filter, write) : writeRows(sql, filter, write);
  if (toStdout) return this.out.note(describe(await writeLines(this, work)));
  const counts = await writeFile(output, work);
  this.out.note(describe(counts));
  const { unsealed, ...written } = counts;
  this.out.card({
    kind: "logs.export",
    data: {
      format,
      file: output,
      ...written,
      ...unsealed !== undefined && { unsealed_rows: unsealed },
    },
  });
}

async function writeBundle(
  context: CliContext,
  sql: Pool,
  filter: RowFilter,
  write: Write,
): Promise<ExportCounts> {
  const { keyId, publicKey } = await loadSealKey(context);
  const options = { ...filter, now: context.clock.now(), publicKeys: { [keyId]: publicKey } };
  return await sql.begin(SNAPSHOT, (tx) => exportBundle(tx, options, write)) as ExportCounts;
}

async function writeRows(sql: Pool, filter: RowFilter, write: Write): Promise<{ rows: number }> {
  const rows = await sql.begin(SNAPSHOT, (tx) => exportRows(tx, filter, write)) as number;
  return { rows };
}

const SNAPSHOT = "isolation level repeatable read read only";

/** Writes beside the file first: a file that is there is whole. */
async function writeFile<T>(path: string, work: (write: Write) => Promise<T>): Promise<T> {
  const draft = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    const result = await writeDraft(draft, work);
    await Deno.rename(draft, path);
    return result;
  } catch (error) {
    await Deno.remove(draft).catch(() => undefined);
    throw error;
  }
}

const encoder = new TextEncoder();
const FLUSH_CHARACTERS = 256 * 1024;

async function writeDraft<T>(path: string, work: (write: Write) => Promise<T>): Promise<T> {
  using file = await openDraft(path);
  let waiting = "";
  const flush = async (): Promise<void> => {
    const bytes = encoder.encode(waiting);
    waiting = "";
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  };
  const result = await work(async (line) => {
    waiting += line;
    if (waiting.length >= FLUSH_CHARACTERS) await flush();
  });
  await flush();
  await file.sync();
  return result;
}

async function openDraft(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  } catch (cause) {
    throw new AppError("invalid", `Cannot write "${path.replace(/\.[^.]+\.part$/, "")}"`, {
      cause,
    });
  }
}

/** Lines to standard output, many at a time. */
async function writeLines<T>({ out }: CliContext, work: (write: Write) => Promise<T>): Promise<T> {
  const stream = out.stream<string>({ kind: "logs.export", line: (text) => text });
  let waiting = "";
  const flush = (): void => {
    if (waiting !== "") stream.write(waiting.slice(0, -1));
    waiting = "";
  };
  const result = await work((line) => {
    waiting += line;
    if (waiting.length >= FLUSH_CHARACTERS) flush();
  });
  flush();
  return result;
}

function describe({ rows, seals, unsealed = 0 }: Partial<ExportCounts> & { rows: number }): string {
  const sealed = seals === undefined ? "" : ` with ${plural(seals, "seal")}`;
  const left = unsealed > 0 ? `; the newest ${plural(unsealed, "row")} wait for a seal (10 s)` : "";
  return `Exported ${plural(rows, "row")}${sealed}${left}.`;
}
