export { isLevel, levelsFrom, type LineDocument, lineDocument, type LogLine } from "./line.ts";
export { LogHub } from "./hub.ts";
export { createLineRedactor } from "./redact.ts";
export { RotatingFile } from "./rotating_file.ts";
export { TableWriter } from "./table_writer.ts";
export {
  ALL_MODULES,
  clearLevels,
  type LevelChange,
  LEVELS_CHANNEL,
  listLevelChanges,
  mergeLevels,
  setLevel,
} from "./levels.ts";
export {
  findLine,
  type LineFilter,
  type LineTally,
  listLines,
  listLinesAfter,
  listTraceLines,
  tallyLines,
} from "./query_store.ts";
export { followLines, type FollowLinesOptions } from "./follow.ts";
export { cleanLines, countLines, type LogRetention, oldLinesOf } from "./retention.ts";
export { type OldLines, removeAllLines } from "./retention_store.ts";
export { listRefused, listSinks, type RefusedEvent, type SinkState } from "./sink_store.ts";
export { openSink } from "./ship/open_sink.ts";
export { Shipper, type ShipperOptions } from "./ship/shipper.ts";
export type { FindSecret, Sink } from "./ship/sink.ts";
export type { EventFormat, LogEvent } from "./ship/event.ts";
export { documentText, formatEvent } from "./ship/format.ts";
export { exportLines, type LineExportOptions, type LinesPosition } from "./export.ts";
