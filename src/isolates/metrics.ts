import type { GatewayStats } from "./protocol.ts";

/** Prometheus text (version 0.0.4) of one gateway. */
export function formatMetrics(
  isolate: string,
  stats: GatewayStats,
  unrecordedFailures: number,
): string {
  const line = (name: string, type: string, help: string, value: number) =>
    `# HELP spgov_${name} ${help}\n# TYPE spgov_${name} ${type}\n` +
    `spgov_${name}{isolate="${isolate}"} ${value}\n`;
  return [
    line("requests_total", "counter", "HTTP requests", stats.requests),
    line("audit_rows_total", "counter", "Audit rows made durable", stats.rows),
    line("audit_batches_total", "counter", "Transactions that made them durable", stats.batches),
    line("audit_waiting", "gauge", "Calls that wait for the audit", stats.waiting),
    line("audit_shed_total", "counter", "Calls refused because too many waited", stats.shed),
    line(
      "audit_expired_total",
      "counter",
      "Calls refused because the audit took too long",
      stats.expired,
    ),
    line(
      "audit_ready",
      "gauge",
      "1 when rows can be made durable",
      stats.state === "ready" ? 1 : 0,
    ),
    line(
      "auth_failures_unrecorded_total",
      "counter",
      "Refusals beyond an address's share of rows",
      unrecordedFailures,
    ),
    line("heap_bytes", "gauge", "JavaScript heap in use", stats.heapBytes),
  ].join("");
}
