import type { AuditWriter } from "../audit/mod.ts";
import type { Registry } from "../metrics/mod.ts";

const BATCH_BOUNDS = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const COMMIT_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2];

/** Counts the audit's transactions. The answer is called after each. */
export function countBatches(registry: Registry): (rows: number, ms: number) => void {
  const sizes = registry.histogram(
    { name: "spgov.audit.batch.size", unit: "{row}", help: "Rows of one transaction" },
    [],
    BATCH_BOUNDS,
  );
  const durations = registry.histogram(
    { name: "spgov.audit.commit.duration", unit: "s", help: "Making a transaction durable" },
    [],
    COMMIT_BOUNDS,
  );
  return (rows, ms) => {
    sizes.record([], rows);
    durations.record([], ms / 1000);
  };
}

export interface GatewayCounts {
  readonly writer: AuditWriter;
  readonly requests: () => number;
  readonly unrecordedFailures: () => number;
}

/** What the audit's writer and the gateway count for themselves. */
export function observeGateway(
  registry: Registry,
  { writer, requests, unrecordedFailures }: GatewayCounts,
): void {
  const count = (name: string, unit: string, help: string, read: () => number) =>
    registry.observe("counter", { name: `spgov.${name}`, unit, help }, read);
  const gauge = (name: string, unit: string, help: string, read: () => number) =>
    registry.observe("gauge", { name: `spgov.${name}`, unit, help }, read);
  count("requests", "{request}", "HTTP requests", requests);
  count("audit.rows", "{row}", "Audit rows made durable", () => writer.stats.rows);
  count(
    "audit.batches",
    "{transaction}",
    "Transactions that made them durable",
    () => writer.stats.batches,
  );
  gauge("audit.waiting", "{call}", "Calls that wait for the audit", () => writer.stats.waiting);
  count("audit.shed", "{call}", "Calls refused because too many waited", () => writer.stats.shed);
  count(
    "audit.expired",
    "{call}",
    "Calls refused because the audit took too long",
    () => writer.stats.expired,
  );
  gauge(
    "audit.ready",
    "1",
    "1 when rows can be made durable",
    () => writer.stats.state === "ready" ? 1 : 0,
  );
  count(
    "auth_failures_unrecorded",
    "{request}",
    "Refusals beyond an address's share of rows",
    unrecordedFailures,
  );
}
