import { type Anomaly, ratioOf } from "../../../analytics/mod.ts";

/** An anomaly as `--json` prints it. */
export interface AnomalyDocument {
  readonly id: string;
  readonly severity: string;
  readonly subject_kind: string;
  readonly subject: string;
  readonly measure: string;
  readonly hour: string;
  readonly value: number;
  /** Mean of the hours before. */
  readonly baseline: number;
  /** Times the baseline; null where there was none of it before. */
  readonly ratio: number | null;
  readonly samples: number;
  readonly found_at: string;
  readonly changed_at: string;
}

export function toDocument(anomaly: Anomaly): AnomalyDocument {
  return {
    id: anomaly.id,
    severity: anomaly.severity,
    subject_kind: anomaly.subjectKind,
    subject: anomaly.subject,
    measure: anomaly.measure,
    hour: anomaly.hour.toISOString(),
    value: anomaly.value,
    baseline: Math.round(anomaly.baseline * 100) / 100,
    ratio: ratioOf(anomaly) ?? null,
    samples: anomaly.samples,
    found_at: anomaly.foundAt.toISOString(),
    changed_at: anomaly.changedAt.toISOString(),
  };
}

/** `2.4x`, and `new` where there was none of it before. */
export function ratioText({ ratio }: AnomalyDocument): string {
  return ratio === null ? "new" : `${ratio}x`;
}
