import { join } from "node:path";
import { AppError } from "../kernel/errors.ts";
import { findInfo, isMissing, syncFolder } from "./file_access.ts";
import type { PostgresPrograms } from "./postgres_files.ts";
import { DATABASE_ROLES, type DatabaseKeys, newKeys, saveKeys } from "./postgres_keys.ts";
import type { ServerPlace } from "./postgres_place.ts";
import { clearPidFile } from "./postgres_pid.ts";
import { HBA, INCLUDES, SERVER_ENVIRONMENT } from "./postgres_settings.ts";

/** Name of the embedded server's database. */
export const DATABASE = "spgov";

const DRAFT = "data.new-";
const decoder = new TextDecoder();

interface RunOptions {
  readonly place: ServerPlace;
  readonly args: readonly string[];
  readonly input?: string;
}

/** Runs a program of PostgreSQL to its end as the server's account; gives its error output. */
async function run(program: string, { place, args, input }: RunOptions): Promise<string> {
  const child = new Deno.Command(program, {
    args: [...args],
    cwd: place.base,
    clearEnv: true,
    env: SERVER_ENVIRONMENT,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...place.account,
  }).spawn();
  const writing = input === undefined ? undefined : feed(child.stdin, input);
  const [output] = await Promise.all([child.output(), writing]);
  const errors = decoder.decode(output.stderr);
  if (output.success) return errors;
  const name = program.slice(program.lastIndexOf("/") + 1);
  throw new AppError("unavailable", `${name} failed with status ${output.code}: ${errors.trim()}`, {
    ...(errors.includes("could not look up effective user ID")
      ? { hint: "The user needs an entry in /etc/passwd." }
      : {}),
  });
}

async function feed(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // It ended early; its status and error output say why.
  }
}

async function writeOwned(place: ServerPlace, path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text, { createNew: true, mode: 0o600 });
  if (place.account) await Deno.chown(path, place.account.uid, place.account.gid);
}

async function initdb(
  place: ServerPlace,
  programs: PostgresPrograms,
  draft: string,
  password: string,
): Promise<void> {
  const passwordFile = `${draft}.password`;
  await writeOwned(place, passwordFile, password + "\n");
  try {
    const args = [
      ...["-D", draft, "--username=spgov_owner", `--pwfile=${passwordFile}`],
      ...["--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"],
      ...["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
    ];
    await run(programs.initdb, { place, args });
  } finally {
    await Deno.remove(passwordFile);
  }
}

/** Runs statements, one a line, without a running server. */
async function runSingle(
  place: ServerPlace,
  programs: PostgresPrograms,
  data: string,
  statements: readonly string[],
): Promise<void> {
  const args = ["--single", "-D", data, "-c", "log_min_messages=error", "postgres"];
  const errors = await run(programs.postgres, {
    place,
    args,
    input: statements.map((line) => line + "\n").join(""),
  });
  if (/^.*\b(ERROR|FATAL|PANIC):/m.test(errors)) {
    // The text could quote a statement, and so a password.
    throw new AppError("internal", "The roles of the database could not be made");
  }
}

function roleStatements(keys: DatabaseKeys): string[] {
  return [
    ...DATABASE_ROLES.filter((role) => role !== "spgov_owner").map((role) =>
      `do $$ begin create role ${role}; exception when duplicate_object then null; end $$`
    ),
    ...DATABASE_ROLES.map((role) => `alter role ${role} login password '${keys[role]}'`),
    "grant pg_use_reserved_connections to spgov_serve",
  ];
}

async function writeConfiguration(place: ServerPlace, draft: string): Promise<void> {
  await Deno.writeTextFile(join(draft, "pg_hba.conf"), HBA);
  await Deno.writeTextFile(join(draft, "postgresql.conf"), INCLUDES, { append: true });
  await writeOwned(place, join(draft, "spgov.conf"), "");
}

/**
 * Makes the data folder. Everything happens in a draft that is renamed at the end: a crash on the way
 * leaves a draft, which the next start removes, and never half a database.
 */
export async function makeData(place: ServerPlace, programs: PostgresPrograms): Promise<void> {
  const keys = newKeys();
  const draft = join(place.base, DRAFT + crypto.randomUUID().slice(0, 8));
  try {
    await initdb(place, programs, draft, keys.spgov_owner);
    await writeConfiguration(place, draft);
    await runSingle(place, programs, draft, [
      ...roleStatements(keys),
      `create database ${DATABASE}`,
    ]);
    await saveKeys(place.home, keys);
    await Deno.rename(draft, place.data);
    await syncFolder(place.base);
  } catch (error) {
    await Deno.remove(draft, { recursive: true }).catch(() => {});
    throw error;
  }
}

/** Gives the roles new passwords and keeps those: for a home that lost its key file. The server must not run. */
export async function renewKeys(
  place: ServerPlace,
  programs: PostgresPrograms,
): Promise<DatabaseKeys> {
  await clearPidFile(place);
  const keys = newKeys();
  await runSingle(place, programs, place.data, roleStatements(keys));
  await saveKeys(place.home, keys);
  return keys;
}

/** Whether there is a database; drafts of starts that were killed are removed. */
export async function hasData(place: ServerPlace): Promise<boolean> {
  for await (const entry of Deno.readDir(place.base)) {
    if (!entry.name.startsWith(DRAFT)) continue;
    await Deno.remove(join(place.base, entry.name), { recursive: true });
  }
  if (await findInfo(join(place.data, "PG_VERSION")) !== undefined) return true;
  try {
    await Deno.remove(place.data);
  } catch (error) {
    if (!isMissing(error)) {
      throw new AppError("invalid", `"${place.data}" is neither empty nor a database`, {
        cause: error,
        hint: "Restore it from a backup or move it away.",
      });
    }
  }
  return false;
}
