import type { Finding, VerifyReport } from "../../../audit/mod.ts";
import type { Look } from "../../output/table.ts";
import { cardView, tableView, type View } from "../../output/view.ts";
import { harmless } from "../../output/width.ts";
import { valueLines } from "./value_lines.ts";
import { countText, durationText, paint, plural } from "./words.ts";

const SHOWN = 20;

/** A verification of the log as `--json` prints it. */
export function logDocument(report: VerifyReport): Readonly<Record<string, unknown>> {
  return {
    ok: report.ok,
    rows: report.rows,
    batches: report.batches,
    seals: report.seals,
    unsealed_rows: report.unsealed,
    dropped_rows: report.dropped,
    copies: report.copies,
    forks: report.forks,
    key_ids: report.keyIds,
    chains: report.writers.map((writer) => ({
      writer: writer.writer,
      n: writer.n,
      batch: writer.batch,
      rows: writer.rows,
      batches: writer.batches,
      seals: writer.seals,
      sealed_n: writer.sealedN,
      dropped_rows: writer.dropped,
    })),
    finding_count: report.findingCount,
    findings: report.findings,
    duration_ms: Math.round(report.durationMs),
  };
}

export function logViews(report: VerifyReport, isPart: boolean): View[] {
  const verdict = report.ok
    ? `The ${isPart ? "part of the audit log that was checked" : "audit log"} verifies.`
    : `The audit log does not verify: ${plural(report.findingCount, "finding")}.`;
  return [
    verdictView(report.ok, verdict),
    findingsView(report.findings, report.findingCount),
    cardView(fieldsOf(report)),
    tableView([
      { label: "CHAIN", of: (writer) => writer.writer, keep: true },
      { label: "ROWS", of: (writer) => countText(writer.rows), align: "right" },
      { label: "HEAD", of: (writer) => `n=${countText(writer.n)}`, align: "right" },
      { label: "SEALED TO", of: (writer) => `n=${countText(writer.sealedN)}`, align: "right" },
      { label: "SEALS", of: (writer) => countText(writer.seals), align: "right" },
    ], report.writers),
  ];
}

function fieldsOf(report: VerifyReport): Readonly<Record<string, unknown>> {
  const perSecond = Math.round(report.rows / Math.max(report.durationMs, 1) * 1000);
  return {
    rows: `${countText(report.rows)} in ${
      plural(report.batches, "batch").replace("batchs", "batches")
    }`,
    seals: report.seals === 0
      ? "none yet"
      : `${countText(report.seals)}${
        report.keyIds.length > 0 ? `, key ${report.keyIds.join(", ")}` : ""
      }`,
    unsealed: report.unsealed === 0 ? "nothing" : `the newest ${plural(report.unsealed, "row")}`,
    "copies outside": copiesText(report),
    ...report.dropped > 0 &&
      { retention: `${plural(report.dropped, "row")} dropped, all accounted for` },
    ...report.forks > 0 && { forks: `${report.forks}, signed and recorded` },
    took: `${durationText(report.durationMs * 1000)}${
      report.rows > 1000 ? `, ${countText(perSecond)} rows a second` : ""
    }`,
  };
}

function copiesText({ copies, findings }: VerifyReport): string {
  if (!copies) return "none: a cut tail would not show";
  const differs = findings.some(({ what }) => what.includes("outside"));
  return `${plural(copies, "seal")}, ${differs ? "which differ" : "the same as inside"}`;
}

export function verdictView(ok: boolean, text: string): View {
  return {
    isEmpty: false,
    render: (
      look,
    ) => [`${paint(ok ? "✓" : "✗", ok ? "good" : "bad", look)} ${paint(text, "strong", look)}`],
  };
}

/** Where each finding is, then what it is. */
export function findingsView(findings: readonly Finding[], count: number): View {
  return {
    isEmpty: count === 0,
    render: (look) => {
      const lines = findings.slice(0, SHOWN).flatMap((finding) => findingLines(finding, look));
      const hidden = count - Math.min(findings.length, SHOWN);
      return hidden > 0
        ? [...lines, paint(`… and ${countText(hidden)} more (--json)`, "faint", look)]
        : lines;
    },
  };
}

function findingLines({ writer, n, batch, seal, row, what }: Finding, look: Look): string[] {
  const place = [
    writer,
    n === undefined ? undefined : `n=${n}`,
    batch === undefined ? undefined : `batch ${batch}`,
    seal === undefined ? undefined : `seal ${seal}`,
    row,
  ].filter((part) => part !== undefined).join("  ");
  const columns = look.columns ?? 100;
  return [
    ...place === "" ? [] : [paint(harmless(place), "bad", look)],
    ...valueLines(what, { indent: "  ", columns, maxLines: 4 }),
  ];
}
