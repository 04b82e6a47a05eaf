import type { Family, Labels, Point, Snapshot } from "./family.ts";

/** What `/metrics` answers with. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Prometheus text (exposition format 0.0.4) of several isolates. Names are those that OpenTelemetry's rules
 * for Prometheus give: `spgov.decision.duration` in `s` is `spgov_decision_duration_seconds`.
 */
export function formatPrometheus(snapshots: readonly Snapshot[]): string {
  const families = new Map<string, { readonly family: Family; readonly lines: string[] }>();
  for (const { isolate, families: own } of snapshots) {
    for (const family of own) {
      const name = prometheusName(family);
      const known = families.get(name) ?? { family, lines: [] };
      families.set(name, known);
      known.lines.push(...family.points.flatMap((point) => linesOf(name, family, point, isolate)));
    }
  }
  return [...families].filter(([, { lines }]) => lines.length > 0).map(([name, family]) =>
    blockOf(name, family.family, family.lines)
  ).join("");
}

function blockOf(name: string, { help, kind }: Family, lines: readonly string[]): string {
  return `# HELP ${name} ${help.replaceAll(/[\\\n]/g, " ")}\n# TYPE ${name} ${kind}\n` +
    lines.map((line) => `${line}\n`).join("");
}

function linesOf(name: string, family: Family, point: Point, isolate: string): string[] {
  const labels = { isolate, ...point.labels };
  if ("value" in point) return [`${name}${labelText(labels)} ${numberText(point.value)}`];
  const bounds = [...family.bounds ?? [], Infinity];
  let below = 0;
  const buckets = bounds.map((bound, index) => {
    below += point.counts[index] ?? 0;
    return `${name}_bucket${labelText(labels, numberText(bound))} ${below}`;
  });
  return [
    ...buckets,
    `${name}_sum${labelText(labels)} ${numberText(point.sum)}`,
    `${name}_count${labelText(labels)} ${point.count}`,
  ];
}

function labelText(labels: Labels, le?: string): string {
  const all = [...Object.entries(labels), ...le === undefined ? [] : [["le", le] as const]];
  const parts = all.filter(([, value]) => value !== "").map(([name, value]) =>
    `${name.replaceAll(".", "_")}="${escapeLabel(value ?? "")}"`
  );
  return `{${parts.join(",")}}`;
}

/** Nothing in a value can end its quotes or its line; other control characters say nothing to anybody. */
function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")
    // deno-lint-ignore no-control-regex -- those are what is taken out
    .replaceAll(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, " ");
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

const UNITS: Readonly<Record<string, string>> = { s: "seconds", By: "bytes" };

/** The name of a family in Prometheus. */
export function prometheusName({ name, unit, kind }: Omit<Family, "points" | "help">): string {
  const base = name.replaceAll(/[^A-Za-z0-9_]/g, "_");
  const suffix = UNITS[unit];
  const withUnit = suffix === undefined || base.endsWith(`_${suffix}`) ? base : `${base}_${suffix}`;
  return kind === "counter" ? `${withUnit}_total` : withUnit;
}
