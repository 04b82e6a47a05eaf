import type { Machine } from "./machine.ts";

/** One figure of a benchmark, and what is asked of it. */
export interface Measure {
  readonly what: string;
  readonly value: number;
  /** `/s`, `ms`, `us`, `MB`, `%`, or empty for a count. */
  readonly unit: string;
  /** What it has to be; undefined for a figure that is only reported. */
  readonly wanted?: string;
  /** Whether it is; undefined where nothing is asked. */
  readonly ok?: boolean;
}

/** What one benchmark program found. */
export interface BenchReport {
  readonly name: string;
  readonly machine: Machine;
  readonly measures: readonly Measure[];
  /** How it was measured, and what a reader has to know to judge the figures. */
  readonly notes: readonly string[];
  /** Everything else that was recorded. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly passed: boolean;
}

/** A figure that is only reported. */
export function figure(what: string, value: number, unit = ""): Measure {
  return { what, value: rounded(value), unit };
}

export function atLeast(what: string, value: number, least: number, unit = ""): Measure {
  return { ...figure(what, value, unit), wanted: `>= ${least}`, ok: value >= least };
}

export function below(what: string, value: number, limit: number, unit = ""): Measure {
  return { ...figure(what, value, unit), wanted: `< ${limit}`, ok: value < limit };
}

export function equal(what: string, value: number, expected: number, unit = ""): Measure {
  return { ...figure(what, value, unit), wanted: `= ${expected}`, ok: value === expected };
}

export function between(
  what: string,
  value: number,
  [low, high]: readonly [number, number],
  unit = "",
): Measure {
  const ok = value >= low && value <= high;
  return { ...figure(what, value, unit), wanted: `${low} to ${high}`, ok };
}

export function reportOf(report: Omit<BenchReport, "passed">): BenchReport {
  return { ...report, passed: report.measures.every(({ ok }) => ok !== false) };
}

/** Four significant digits, never fewer than the whole number. */
function rounded(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 1000) return Math.round(value);
  return Number(value.toPrecision(4));
}

/** The middle of `values`; 0 when there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? high) + high) / 2;
}
