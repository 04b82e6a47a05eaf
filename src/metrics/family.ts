/**
 * What tells the series of a family apart. All of them take few values: none names a person, a session, a
 * call or anything else that a client makes up.
 */
export type LabelName =
  | "application"
  | "decision"
  | "error.type"
  | "gen_ai.operation.name"
  | "gen_ai.tool.name"
  | "isolate"
  | "job"
  | "kind"
  | "mcp.method.name"
  | "outcome"
  | "policy"
  | "pool"
  | "result"
  | "server"
  | "severity"
  | "sink"
  | "stage"
  | "state"
  | "surface";

export type Labels = Readonly<Partial<Record<LabelName, string>>>;

/** A number, or what a histogram holds: one count more than it has bounds, each without those before it. */
export type Point =
  | { readonly labels: Labels; readonly value: number }
  | {
    readonly labels: Labels;
    readonly counts: readonly number[];
    readonly sum: number;
    readonly count: number;
  };

/** Everything of one name. Names and units are OpenTelemetry's (`s`, `By`, `{row}`). */
export interface Family {
  readonly name: string;
  readonly unit: string;
  readonly help: string;
  readonly kind: "counter" | "gauge" | "histogram";
  /** Since when it counts, in milliseconds since 1970; undefined for gauges. */
  readonly since?: number;
  /** Upper bounds of a histogram's buckets, ascending; what is above them counts in one more. */
  readonly bounds?: readonly number[];
  readonly points: readonly Point[];
}

/** The numbers of one isolate; can be posted to another. */
export interface Snapshot {
  readonly isolate: string;
  readonly families: readonly Family[];
}
