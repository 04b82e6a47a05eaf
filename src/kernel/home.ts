import { AppError } from "./errors.ts";

/** Where things are in a home folder. */
export interface Home {
  readonly path: string;
  readonly profiles: string;
  readonly keys: string;
  /** Copies of the audit's seals, outside the database. */
  readonly seals: string;
  readonly logs: string;
  /** Backups of the database, unless the profile names another folder. */
  readonly backups: string;
  /** What runs here now: pid, port, since when. */
  readonly serviceFile: string;
  /** Starts MCP servers that are child processes: all that egress may run. */
  readonly launcher: string;
}

/** The layout of the home at `path`, an absolute path. */
export function homeAt(path: string): Home {
  return {
    path,
    profiles: `${path}/profiles`,
    keys: `${path}/keys`,
    seals: `${path}/seals`,
    logs: `${path}/logs`,
    backups: `${path}/backups`,
    serviceFile: `${path}/service.json`,
    launcher: `${path}/launch-mcp`,
  };
}

/** The folder for backups: the one that the profile names, else the home's own. */
export function backupsOf(home: string, named: string | undefined): string {
  return named ?? homeAt(home).backups;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Id of this installation, a UUID in `<home>/instance`; made at first use. It stands in the names of
 * audit chains and in the issuer of tokens, so it must never be shared by two homes.
 */
export async function ensureInstance(home: string): Promise<string> {
  const path = `${home}/instance`;
  const known = await readInstance(path);
  if (known !== undefined) return known;
  await Deno.mkdir(home, { recursive: true });
  const draft = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(draft, `${crypto.randomUUID()}\n`, { createNew: true, mode: 0o644 });
  try {
    await Deno.link(draft, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  } finally {
    await Deno.remove(draft);
  }
  return await readInstance(path) ?? fail(path);
}

async function readInstance(path: string): Promise<string | undefined> {
  try {
    const text = (await Deno.readTextFile(path)).trim();
    return UUID.test(text) ? text : fail(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function fail(path: string): never {
  throw new AppError("invalid", `"${path}" does not hold the id of an installation`, {
    hint: "Restore the file from a backup: the audit's chains carry this id.",
  });
}

/** First eight digits of an installation's id: what names of chains begin with. */
export function shortInstance(instance: string): string {
  return instance.slice(0, 8);
}
