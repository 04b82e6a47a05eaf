import {
  listAnomalies,
  type Measure,
  type Severity,
  type SubjectKind,
} from "../../../analytics/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { CursorFlag, LimitFlag, PeriodFlags } from "../../flags.ts";
import { shortTime } from "../../infra/logs/words.ts";
import { type AnomalyDocument, ratioText, toDocument } from "./document.ts";

interface Flags extends PeriodFlags, LimitFlag, CursorFlag {
  readonly severity?: Severity;
  readonly kind?: SubjectKind;
  readonly subject?: string;
  readonly measure?: Measure;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export default async function list(
  this: CliContext,
  { limit, cursor, ...filter }: Flags,
): Promise<void> {
  if (cursor !== undefined && !UUID.test(cursor)) {
    throw new AppError("usage", `Cannot continue at "${cursor}": it is no cursor`, {
      hint: 'Take it from "hints.next" of the page before.',
    });
  }
  const { sql } = await openDatabase(this);
  const found = await listAnomalies(sql, filter, cursor, limit + 1);
  const shown = found.slice(0, limit).map(toDocument);
  const next = found.length > limit ? shown.at(-1)?.id : undefined;
  const now = this.clock.now();
  this.out.table<AnomalyDocument>({
    kind: "analytics.anomalies",
    columns: [
      { label: "HOUR", of: ({ hour }) => shortTime(new Date(hour), now), keep: true },
      { label: "SEVERITY", of: ({ severity }) => severity, keep: true },
      { label: "WHOSE", of: (each) => `${each.subject_kind} ${each.subject}` },
      { label: "WHAT", of: ({ measure }) => measure },
      { label: "VALUE", of: ({ value }) => value },
      { label: "USUALLY", of: ({ baseline }) => baseline },
      { label: "TIMES", of: ratioText, align: "right" },
      { label: "ID", of: ({ id }) => id, keep: true },
    ],
    rows: shown,
    data: { anomalies: shown },
    empty: "No hour was unlike those before it.",
    ...next !== undefined && { hints: { next } },
  });
  if (next !== undefined) this.out.note(`More: --cursor ${next}`);
}
