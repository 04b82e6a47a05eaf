import {
  checkInvariant,
  type FaultLoad,
  type FaultLoadOptions,
  type LoadReport,
  startFaultLoad,
  untilAllowed,
} from "./fault_load.ts";
import { LONG, sayFigures, scaled } from "./fault_scale.ts";
import type { TestService } from "./service.ts";

export interface UnderLoadOptions extends FaultLoadOptions {
  /** Milliseconds within which calls must be allowed again; default 20,000, in the long form 10,000. */
  readonly recoverMs?: number;
}

/** A load that ran into a fault, and how long it took until calls were allowed again. */
export interface Survived extends LoadReport {
  readonly recoveredMs: number;
}

/**
 * Runs `fault` under load, waits until calls are allowed again, and checks what must hold after every fault.
 * In the long form each prints its figures.
 */
export async function underLoad(
  service: TestService,
  fault: (load: FaultLoad) => Promise<void>,
  options: UnderLoadOptions = {},
): Promise<Survived> {
  const load = await startFaultLoad(service, options);
  let report: LoadReport;
  let recoveredMs: number;
  try {
    await load.moreAllowed(50);
    await fault(load);
    recoveredMs = await untilAllowed(service, options.recoverMs ?? scaled(20_000, 10_000));
    await load.moreAllowed(50);
  } finally {
    report = await load.stop();
  }
  const survived = { ...report, recoveredMs };
  if (LONG) say(survived);
  await checkInvariant(service, load, report);
  return survived;
}

/** The value below which the given share of the latencies lies, in milliseconds. */
export function percentile({ latencies }: LoadReport, share: number): number {
  return latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
}

function say(report: Survived): void {
  const { allowed, denied, refused, unknown } = report;
  sayFigures({
    sent: report.sent,
    allowed: allowed.size,
    denied: denied.size,
    refused: refused.size,
    unknown: unknown.size,
    recoveredMs: report.recoveredMs,
    p50Ms: percentile(report, 0.5),
    p99Ms: percentile(report, 0.99),
    slowestMs: percentile(report, 1),
  });
}
