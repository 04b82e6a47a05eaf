import { listSinks, type SinkState } from "../../../logs/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { harmless } from "../../output/width.ts";
import { countText, shortTime } from "./words.ts";

export default async function list(this: CliContext): Promise<void> {
  const { sql } = await openDatabase(this);
  const sinks = await listSinks(sql);
  const now = this.clock.now();
  this.out.table<SinkState>({
    kind: "logs.sinks",
    columns: [
      { label: "SINK", of: (sink) => sink.name, keep: true },
      { label: "STATE", of: (sink) => stateOf(sink, now) },
      { label: "DELIVERED", of: (sink) => countText(sink.delivered), align: "right" },
      { label: "WAITING", of: (sink) => countText(sink.waiting), align: "right" },
      { label: "REFUSED", of: (sink) => countText(sink.refused), align: "right" },
      {
        label: "LAST",
        of: (sink) => sink.lastDeliveredAt ? shortTime(sink.lastDeliveredAt, now) : "",
      },
      { label: "ERROR", of: (sink) => harmless(sink.lastError ?? "") },
    ],
    rows: sinks,
    data: { sinks: sinks.map((sink) => toDocument(sink, now)) },
    empty: "No collector is configured: nothing is sent anywhere.",
  });
}

const FORGOTTEN_MS = 300_000;

function stateOf({ wantedAt, failingSince, waiting }: SinkState, now: number): string {
  if (now - wantedAt.getTime() > FORGOTTEN_MS) return "not configured";
  if (failingSince) return "failing";
  return waiting > 0 ? "behind" : "up to date";
}

function toDocument(sink: SinkState, now: number): Readonly<Record<string, unknown>> {
  return {
    name: sink.name,
    state: stateOf(sink, now),
    delivered: sink.delivered,
    waiting: sink.waiting,
    refused: sink.refused,
    sent_by: sink.leaseUntil && sink.leaseUntil.getTime() > now ? sink.leaseHolder : null,
    last_delivered_at: sink.lastDeliveredAt?.toISOString() ?? null,
    failing_since: sink.failingSince?.toISOString() ?? null,
    last_error: sink.lastError,
  };
}
