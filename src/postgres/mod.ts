/** The embedded PostgreSQL: its programs, its folders, its process. Loads no package. */
export { type BorrowedServer, borrowEmbedded, findEmbedded } from "./borrowed.ts";
export { type EmbeddedServer, startEmbedded } from "./embedded.ts";
export type { EmbeddedAddresses, EmbeddedOptions } from "./embedded_home.ts";
export { findStaleSockets, PROGRAM_FOLDER, removeStaleSockets } from "./leftovers.ts";
export { prepareServerFiles } from "./postgres_files.ts";
export type { ServerExit, StopMode } from "./postgres_process.ts";
export type { ServerTuning } from "./postgres_settings.ts";
