export { appendRows, type EventInput, eventRow } from "./append.ts";
export type { Charge, Entry } from "./batch.ts";
export { findDecisionOfTask } from "./link_store.ts";
export type { AuditDecision, AuditKind, AuditRow } from "./event.ts";
export { AuditWriter, type Committed, type WindowRoom, type WriterStats } from "./writer.ts";
export { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
export { createSealer, type Sealer } from "./seal.ts";
export { createSigningKey } from "./signing.ts";
export { ensurePartitions, forgetWindows } from "./upkeep_store.ts";
