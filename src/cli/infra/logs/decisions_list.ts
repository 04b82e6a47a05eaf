import { listDecisions } from "../../../audit/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { CursorFlag, LimitFlag } from "../../flags.ts";
import type { CallFlags } from "./call_flags.ts";
import { toDocument } from "./call_document.ts";
import { callTable } from "./call_table.ts";

interface Flags extends CallFlags, LimitFlag, CursorFlag {
  readonly decision?: "allow" | "deny";
  readonly policy?: string;
}

export default async function list(
  this: CliContext,
  { limit, cursor, ...filter }: Flags,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const { items, next } = await listDecisions(sql, filter, { limit, cursor });
  const documents = items.map(toDocument);
  this.out.report({
    kind: "logs.decisions",
    data: { decisions: documents },
    views: [callTable(documents, this.clock.now())],
    empty: "No decision matches.",
    ...next !== undefined && { hints: { next } },
  });
  if (next !== undefined) this.out.note(`More: --cursor ${next}`);
}
