import {
  type Anomaly,
  type CountedHour,
  HOUR_MS,
  listByPrefix,
  listHours,
  listShares,
  type Share,
} from "../../../analytics/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { shortTime } from "../../infra/logs/words.ts";
import { cardView, tableView } from "../../output/view.ts";
import { ratioText, toDocument } from "./document.ts";

/** Hours before the anomaly that are shown. */
const SHOWN_HOURS = 168;

export default async function show(
  this: CliContext,
  _flags: Record<never, never>,
  id: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const anomaly = pick(await listByPrefix(sql, id.trim()), id);
  const from = new Date(anomaly.hour.getTime() - SHOWN_HOURS * HOUR_MS);
  const [hours, shares] = await Promise.all([
    listHours(sql, anomaly, from, anomaly.hour),
    listShares(sql, anomaly),
  ]);
  const document = toDocument(anomaly);
  const now = this.clock.now();
  const most = Math.max(1, ...hours.map(({ value }) => value));
  this.out.report({
    kind: "analytics.anomaly",
    data: {
      ...document,
      hours: hours.map(({ hour, value }) => ({ hour: hour.toISOString(), value })),
      calls_of_the_hour: shares,
    },
    views: [
      cardView({ ...document, ratio: ratioText(document), hint: drill(anomaly) }),
      tableView<Share>(["by", "name", "calls"], shares, "CALLS OF THE HOUR"),
      tableView<CountedHour>(
        [
          { label: "HOUR", of: ({ hour }) => shortTime(hour, now), keep: true },
          { label: anomaly.measure.toUpperCase(), of: ({ value }) => value },
          { label: "", of: ({ value }) => "#".repeat(Math.round(value / most * 40)) },
        ],
        hours,
        "HOURS WITH CALLS",
      ),
    ],
  });
}

function pick([first, second]: readonly Anomaly[], id: string): Anomaly {
  if (!first) {
    throw new AppError("not_found", `No anomaly begins with "${id}"`, {
      hint: 'See "spgov analytics anomalies list".',
    });
  }
  if (second) {
    throw new AppError("conflict", `Several anomalies begin with "${id}"`, {
      hint: "Give more digits.",
    });
  }
  return first;
}

/** The command that lists the calls themselves. */
function drill({ subjectKind, subject, hour }: Anomaly): string {
  const until = new Date(hour.getTime() + HOUR_MS);
  return `spgov infra logs decisions list --${subjectKind} ${JSON.stringify(subject)} ` +
    `--since ${hour.toISOString()} --until ${until.toISOString()}`;
}
