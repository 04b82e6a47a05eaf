import type { Column } from "../../output/table.ts";
import { tableView, type View } from "../../output/view.ts";
import type { CallDocument } from "./call_document.ts";
import { shortTime } from "./words.ts";

/** Calls as a table, a line each, with ids that can be copied. */
export function callTable(calls: readonly CallDocument[], now: number): View {
  const columns: readonly Column<CallDocument>[] = [
    { label: "TIME", of: (call) => shortTime(new Date(call.created_at), now), keep: true },
    { label: "RESULT", of: resultOf, keep: true },
    { label: "TARGET", of: (call) => call.target },
    { label: "POLICY", of: (call) => call.policy },
    { label: "USER", of: (call) => call.user_id },
    { label: "REQUEST", of: (call) => call.request_id, keep: true },
  ];
  return tableView(columns, calls);
}

/** `deny`, or what became of a call that was allowed. */
function resultOf({ decision, outcome }: CallDocument): string {
  return outcome === "denied" ? decision : `${decision}, ${outcome}`;
}
