/** Whose calls are counted together. */
export type SubjectKind = "user" | "agent" | "tool";

/** What is counted in an hour. */
export const MEASURES = ["calls", "denied", "failed", "cost_microdollars"] as const;
export type Measure = typeof MEASURES[number];
export type Severity = "warning" | "critical";

/** When an hour is unlike those before it. */
export interface AnomalyRules {
  /** Hours before the one that is judged, which is none of them. */
  readonly windowHours: number;
  /** Hours with calls that there must be among them. */
  readonly minSamples: number;
  /** Times the mean of those hours above which an hour is flagged. */
  readonly warning: number;
  readonly critical: number;
  /** What is less than this is not worth a flag, however rare it was before. */
  readonly least: Readonly<Record<Measure, number>>;
}

/** What a subject did in one hour, and on average in its hours with calls before that. */
export interface HourOfSubject {
  readonly subjectKind: SubjectKind;
  readonly subject: string;
  readonly values: Readonly<Record<Measure, number>>;
  readonly baselines: Readonly<Record<Measure, number>>;
  /** Hours that the baselines are the mean of. */
  readonly samples: number;
}

export interface Finding {
  readonly subjectKind: SubjectKind;
  readonly subject: string;
  readonly measure: Measure;
  readonly severity: Severity;
  readonly value: number;
  readonly baseline: number;
  readonly samples: number;
}

/** Flags what is above the thresholds; nothing where too little is known. */
export function judgeHour(
  { subjectKind, subject, values, baselines, samples }: HourOfSubject,
  rules: AnomalyRules,
): readonly Finding[] {
  if (samples < rules.minSamples) return [];
  return MEASURES.flatMap((measure) => {
    const [value, baseline] = [values[measure], baselines[measure]];
    const severity = value < rules.least[measure] ? undefined : severityOf(value, baseline, rules);
    return severity ? [{ subjectKind, subject, measure, severity, value, baseline, samples }] : [];
  });
}

function severityOf(value: number, baseline: number, rules: AnomalyRules): Severity | undefined {
  if (value > rules.critical * baseline) return "critical";
  return value > rules.warning * baseline ? "warning" : undefined;
}
