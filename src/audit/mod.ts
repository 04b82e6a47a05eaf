export { appendRows, type EventInput, eventRow } from "./append.ts";
export type { Charge, Entry } from "./batch.ts";
export { findDecisionOfTask } from "./link_store.ts";
export type { AuditDecision, AuditKind, AuditRow } from "./event.ts";
export type { Committed, WindowRoom } from "./waiter.ts";
export { AuditWriter, type WriterStats } from "./writer.ts";
export { checkHeads, findLostChains, type LostChain } from "./check_heads.ts";
export { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
export { type Fork, forkChains, type ForkOptions } from "./fork.ts";
export { createSealer, type Sealer } from "./seal.ts";
export {
  createSigningKey,
  keyIdOf,
  type SigningKey,
  signStatement,
  type Statement,
} from "./signing.ts";
export { verify, type VerifyOptions, type VerifyReport } from "./verify.ts";
export { createTrailingWriter, type TrailingWriter } from "./trailing.ts";
export type { Finding } from "./finding.ts";
export type { WriterReport } from "./verify_writer.ts";
export { ensurePartitions, forgetWindows } from "./upkeep_store.ts";
export type { BundleChain, BundleHeader } from "./bundle_format.ts";
export { type BundleReport, verifyBundle, type VerifyBundleOptions } from "./bundle.ts";
export {
  type BundlePosition,
  exportBundle,
  type ExportCounts,
  type ExportOptions,
  exportRows,
  type RowExportOptions,
  type RowsPosition,
} from "./export.ts";
export type { RowFilter } from "./export_store.ts";
export {
  dropOldPartitions,
  type DroppedPartition,
  type HeldPartition,
  type RetentionOptions,
} from "./retention.ts";
export { listPartitions, type Partition } from "./retention_store.ts";
export { type Closed, closeOpenCalls, type CloseOptions } from "./open_calls.ts";
export { findHold, type Hold, listHolds } from "./hold_store.ts";
export { type HoldContext, placeHold, releaseHold } from "./holds.ts";
export { findUnsealed, type UnsealedChain } from "./unsealed_store.ts";
export {
  findCalls,
  findRow,
  findTrace,
  type FoundCalls,
  listDecisions,
  listRecentTraces,
  type Page,
} from "./query.ts";
export {
  type AuditCall,
  type CallFilter,
  type LogRow,
  type MatchedBy,
  type ModelTally,
  type Tally,
  tallyModels,
  tallyRows,
  type TraceSummary,
} from "./query_store.ts";
export { listRowPage, type RowPageFilter } from "./page.ts";
export { findRowById } from "./page_store.ts";
export {
  type CorrelationDocument,
  correlationDocument,
  type RowDocument,
  rowDocument,
} from "./row_document.ts";
export { type FollowOptions, followRows } from "./follow.ts";
export { type BatchedRow, listBatchedRows, listPositions } from "./follow_store.ts";
