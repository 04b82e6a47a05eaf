import {
  decodeFile,
  type Existing,
  importPeople,
  type PeopleFormat,
} from "../../../identity/people_file/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

interface Flags {
  readonly file?: string;
  readonly format?: PeopleFormat;
  readonly existing: Existing;
  readonly dryRun: boolean;
}

export default async function importUsers(this: CliContext, flags: Flags): Promise<void> {
  const text = decodeFile(await readBytes(this, flags.file));
  const format = flags.format ?? formatOf(flags.file, text);
  const { sql } = await openDatabase(this);
  const done = await importPeople(identityContext(this, sql), operatorOf(this), text, {
    format,
    existing: flags.existing,
    dryRun: flags.dryRun,
    progress: (count) => this.out.progress(`${count} users`),
  });
  this.out.card({ kind: "users.import", data: { ...done, format, dry_run: flags.dryRun } });
  if (flags.dryRun) this.out.note("Nothing was changed");
}

async function readBytes(context: CliContext, path: string | undefined): Promise<Uint8Array> {
  if (path === undefined || path === "-") {
    if (!context.terminal) return await context.readStdinBytes();
    throw new AppError("usage", 'Expected "--file" or something on standard input');
  }
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    const code = cause instanceof Deno.errors.NotFound ? "not_found" : "invalid";
    throw new AppError(code, `Cannot read the file ${JSON.stringify(path)}`, { cause });
  }
}

function formatOf(path: string | undefined, text: string): PeopleFormat {
  if (path?.endsWith(".json")) return "json";
  if (path?.endsWith(".csv")) return "csv";
  return /^\s*[[{]/.test(text) ? "json" : "csv";
}
