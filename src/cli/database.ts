import { openPool, type Pool } from "../db/mod.ts";
import {
  type DatabaseAddress,
  describeAddress,
  parseDatabaseUrl,
} from "../kernel/database_address.ts";
import { borrowEmbedded, findEmbedded } from "../postgres/mod.ts";
import { AppError } from "../kernel/errors.ts";
import type { CliContext } from "./context.ts";
import { findProfile } from "./profile.ts";

export interface OpenOptions {
  /** Make the home's database when there is none; otherwise that is `unavailable`. */
  readonly create?: boolean;
  /** Milliseconds a statement may take; default one minute, 0 for ever. */
  readonly statementTimeoutMs?: number;
}

/** Where the database is, and as whom to reach it. */
export interface DatabasePlace {
  readonly kind: "embedded" | "external";
  /** Migrations and administration. */
  readonly owner: DatabaseAddress;
  /** The weakest login there is: for statements that are not ours. */
  readonly weakest: DatabaseAddress;
}

export interface OpenDatabase extends DatabasePlace {
  /** As the owner. Ended when the verb ends. */
  readonly sql: Pool;
  /** For people: never with a password. */
  readonly description: string;
}

const MINUTE = 60_000;

/**
 * The database of this home or profile: an external one by DATABASE_URL or the profile, else the embedded
 * server, through the running service's socket or started for the length of the command.
 */
export async function openDatabase(
  context: CliContext,
  options: OpenOptions = {},
): Promise<OpenDatabase> {
  const place = await reachDatabase(context, options);
  const sql = openPool(place.owner, {
    max: 2,
    applicationName: "spgov cli",
    connectTimeoutSeconds: 5,
    statementTimeoutMs: options.statementTimeoutMs ?? MINUTE,
  });
  context.defer(() => sql.end({ timeout: 2 }));
  return { ...place, sql, description: describeAddress(place.owner) };
}

/** Makes sure that the database can be reached, until the verb ends. */
export async function reachDatabase(
  context: CliContext,
  { create = false }: OpenOptions = {},
): Promise<DatabasePlace> {
  const url = context.env.DATABASE_URL || (await findProfile(context))?.database.url;
  if (url) {
    const owner = parseDatabaseUrl(url);
    return { kind: "external", owner, weakest: owner };
  }
  if (!create && !await hasDatabase(context.home)) {
    throw new AppError("unavailable", `There is no database in "${context.home}" yet`, {
      hint: 'Run "spgov start", or choose another home by --home, or set DATABASE_URL.',
    });
  }
  const running = await findEmbedded(context.home);
  if (!running) context.log.info("Starting the database for this command", { home: context.home });
  const server = await borrowEmbedded({ home: context.home, log: context.log });
  context.defer(() => server.release());
  const { owner, read } = server.addresses;
  return { kind: "embedded", owner, weakest: read };
}

/** Whether an embedded database was ever made in this home. */
export async function hasDatabase(home: string): Promise<boolean> {
  const record = await Deno.lstat(`${home}/postgres.json`).catch(() => undefined);
  return record !== undefined;
}
