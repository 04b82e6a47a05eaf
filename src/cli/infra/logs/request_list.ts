import { listDecisions } from "../../../audit/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { CursorFlag, LimitFlag, PeriodFlags } from "../../flags.ts";
import type { ColumnOf } from "../../output/table.ts";
import { tableView } from "../../output/view.ts";
import { toDocument } from "./call_document.ts";
import { type ModelRequest, toModelRequest } from "./model_request.ts";
import { shortTime } from "./words.ts";

interface Flags extends PeriodFlags, LimitFlag, CursorFlag {
  readonly model?: string;
  readonly provider?: string;
  readonly user?: string;
}

export default async function list(
  this: CliContext,
  { limit, cursor, model = "", provider = "", ...filter }: Flags,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const { items, next } = await listDecisions(
    sql,
    { ...filter, targets: targetsOf(provider, model) },
    { limit, cursor },
  );
  const requests = items.map((item) => toModelRequest(toDocument(item)));
  const now = this.clock.now();
  const columns: readonly ColumnOf<ModelRequest>[] = [
    { label: "TIME", of: (row) => shortTime(new Date(row.timestamp), now), keep: true },
    { label: "PROVIDER", of: (row) => row.provider },
    { label: "MODEL", of: (row) => row.model },
    { label: "IN/OUT", of: (row) => `${row.input_tokens ?? "-"}/${row.output_tokens ?? "-"}` },
    { label: "COST", of: (row) => row.cost_dollars, align: "right" },
    { label: "MS", of: (row) => row.latency_ms, align: "right" },
    { label: "STATUS", of: (row) => row.status },
    { label: "REQUEST", of: (row) => row.request_id, keep: true },
  ];
  this.out.report({
    kind: "logs.requests",
    data: { requests, total: requests.length },
    views: [tableView(columns, requests)],
    empty: "No request to a model matches.",
    ...next !== undefined && { hints: { next } },
  });
  if (next !== undefined) this.out.note(`More: --cursor ${next}`);
}

/** SQL patterns: a model is named with its provider or without. */
function targetsOf(provider: string, model: string): string[] {
  const [p, m] = [provider, model].map((text) => text.replaceAll(/[\\%_]/g, "\\$&"));
  if (!m) return [`model:${p ? `${p}/` : ""}%`];
  return p ? [`model:${p}/${m}`] : [`model:${m}`, `model:%/${m}`];
}
