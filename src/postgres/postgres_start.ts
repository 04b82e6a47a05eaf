import { join } from "node:path";
import { AppError, messageOf } from "../kernel/errors.ts";
import { findText, makeFolder, writeWhole } from "./file_access.ts";
import {
  adopt,
  answers,
  becomesReady,
  type RunningServer,
  type StartOptions,
} from "./postgres_adopt.ts";
import { type PostgresPrograms, preparePrograms } from "./postgres_files.ts";
import { hasData, makeData, renewKeys } from "./postgres_init.ts";
import { findKeys } from "./postgres_keys.ts";
import { clearPidFile, clearSocket } from "./postgres_pid.ts";
import { makeSocketFolder, recordPlace, type ServerPlace } from "./postgres_place.ts";
import { type ServerProcess, spawnServer, stopServer } from "./postgres_process.ts";
import { type ServerTuning, settingsText } from "./postgres_settings.ts";

/** Recovery after a crash may take this long; longer means that somebody has to look. */
const READY_MS = 300_000;

async function writeSettings(place: ServerPlace, tuning: ServerTuning): Promise<void> {
  const path = join(place.data, "spgov.conf");
  const text = settingsText(place.log, tuning);
  // Not written without need: the disk may be full.
  if (await findText(path) !== text) await writeWhole(path, text, 0o600, place.account);
}

async function lastLogLines(place: ServerPlace): Promise<string> {
  let newest = { path: "", at: 0 };
  for await (const { name } of Deno.readDir(place.log)) {
    const path = join(place.log, name);
    const at = (await Deno.stat(path)).mtime?.getTime() ?? 0;
    if (at >= newest.at) newest = { path, at };
  }
  const text = newest.path === "" ? "" : await findText(newest.path) ?? "";
  return text.trimEnd().split("\n").slice(-5).join("\n");
}

async function startProcess(
  place: ServerPlace,
  programs: PostgresPrograms,
  { tuning = {}, log }: StartOptions,
): Promise<{ process: ServerProcess; socketDir: string }> {
  await makeFolder(place.log, 0o700, place.account);
  await writeSettings(place, tuning);
  const socketDir = await makeSocketFolder(place);
  await clearPidFile(place);
  await clearSocket(socketDir);
  const process = spawnServer(place, programs, socketDir);
  if (await becomesReady(place, process, READY_MS, log)) return { process, socketDir };
  await stopServer(process, "immediate");
  const { output } = await process.exited();
  const said = `${output}\n${await lastLogLines(place)}`;
  throw new AppError("unavailable", `PostgreSQL did not start: ${complaintsIn(said)}`, {
    hint: hintFor(said, place),
  });
}

/** The lines that say what is wrong, where there are any. */
function complaintsIn(said: string): string {
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  const complaints = lines.filter((line) => /\b(FATAL|PANIC|ERROR|DETAIL|HINT):/.test(line));
  return (complaints.length > 0 ? complaints : lines.slice(-5)).join("\n");
}

function hintFor(said: string, place: ServerPlace): string {
  return said.includes("No space left on device")
    ? `The disk is full: delete "${place.ballast}", start, then make room.`
    : `Its log is in "${place.log}".`;
}

async function startFresh(
  place: ServerPlace,
  programs: PostgresPrograms,
  options: StartOptions,
): Promise<RunningServer> {
  if (!await hasData(place)) {
    options.log.info("Making the database", { data: place.data });
    await makeData(place, programs);
  }
  await checkVersion(place);
  await recordPlace(place);
  const keys = await findKeys(place.home) ?? await renewKeys(place, programs);
  const started = await startProcess(place, programs, options);
  if (await answers(started.socketDir, keys)) return { ...started, keys, adopted: false };
  // The key file is not of this database: a restored backup of one of the two.
  options.log.warn("The database's passwords do not fit; renewing them", { home: place.home });
  await stopServer(started.process, "fast");
  const renewed = await renewKeys(place, programs);
  const again = await startProcess(place, programs, options);
  if (await answers(again.socketDir, renewed)) return { ...again, keys: renewed, adopted: false };
  await stopServer(again.process, "fast");
  throw new AppError("unavailable", "PostgreSQL started but does not answer");
}

async function checkVersion(place: ServerPlace): Promise<void> {
  const version = (await findText(join(place.data, "PG_VERSION")))?.trim();
  if (version === "18") return;
  throw new AppError("invalid", `"${place.data}" is a database of PostgreSQL ${version}, not 18`, {
    hint: "Export it with the version of spgov that made it.",
  });
}

/** Makes, adopts or starts the server. Only one process may do this at a time. */
export async function bringUp(place: ServerPlace, options: StartOptions): Promise<RunningServer> {
  const programs = await preparePrograms(options);
  try {
    return await adopt(place, programs, options) ?? await startFresh(place, programs, options);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const message = messageOf(cause);
    throw new AppError("unavailable", `PostgreSQL could not be started: ${message}`, {
      cause,
      hint: hintFor(message, place),
    });
  }
}
