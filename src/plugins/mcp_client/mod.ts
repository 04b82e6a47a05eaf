export {
  ALL_SERVERS_ENTRY,
  type ClientEntries,
  type ClientEntry,
  entryName,
  serverPath,
} from "./entry.ts";
export { type EntryChange, type MergedEntries, mergeEntries } from "./merge.ts";
