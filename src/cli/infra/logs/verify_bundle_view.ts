import type { BundleReport } from "../../../audit/mod.ts";
import { cardView, tableView, type View } from "../../output/view.ts";
import { findingsView, verdictView } from "./verify_view.ts";
import { countText, durationText, plural, timeText } from "./words.ts";

/** A verification of a bundle as `--json` prints it. */
export function bundleDocument(report: BundleReport): Readonly<Record<string, unknown>> {
  return {
    ok: report.ok,
    created_at: report.createdAt,
    filter: report.filter,
    rows: report.rows,
    batches: report.batches,
    seals: report.seals,
    key_ids: report.keyIds,
    chains: report.chains.map((chain) => ({
      writer: chain.writer,
      first_n: chain.firstN,
      last_n: chain.lastN,
      rows: chain.rows,
      batches: chain.batches,
      seals: chain.seals,
    })),
    finding_count: report.findingCount,
    findings: report.findings,
    duration_ms: Math.round(report.durationMs),
  };
}

export function bundleViews(report: BundleReport, pin: string | undefined): View[] {
  const verdict = report.ok
    ? "The bundle verifies."
    : `The bundle does not verify: ${plural(report.findingCount, "finding")}.`;
  const filter = Object.entries(report.filter).map(([name, value]) => `${name} ${value}`).join(
    ", ",
  );
  return [
    verdictView(report.ok, verdict),
    findingsView(report.findings, report.findingCount),
    cardView({
      "signed by": signerText(report, pin),
      rows: `${countText(report.rows)} shown`,
      seals: countText(report.seals),
      made: report.createdAt && timeText(report.createdAt),
      filter: filter === "" ? "none" : filter,
      took: durationText(report.durationMs * 1000),
    }),
    tableView([
      { label: "CHAIN", of: (chain) => chain.writer, keep: true },
      { label: "FROM", of: (chain) => `n=${countText(chain.firstN)}`, align: "right" },
      { label: "TO", of: (chain) => `n=${countText(chain.lastN)}`, align: "right" },
      { label: "SHOWN", of: (chain) => countText(chain.rows), align: "right" },
      { label: "SEALS", of: (chain) => countText(chain.seals), align: "right" },
    ], report.chains),
  ];
}

function signerText({ keyIds }: BundleReport, pin: string | undefined): string {
  if (keyIds.length === 0) return "nobody that is known here";
  const keys = `key ${keyIds.join(", ")}`;
  return pin === undefined
    ? `${keys} (compare it with the operator's, or pin it by --key)`
    : `${keys}, as pinned`;
}
