import { appendRows, type EventInput, eventRow } from "../audit/mod.ts";
import type { Pool, Sql } from "../db/mod.ts";
import { type IdentityContext, LOCAL_OPERATOR } from "../identity/mod.ts";
import type { CliContext } from "./context.ts";

/** Name of the chain that the command line appends to. */
const WRITER = "cli";

/** What the operator did, as its row in the audit says it. */
export interface AdminAction {
  /** The verb: `cli:infra db execute`. */
  readonly target: string;
  readonly decision: EventInput["decision"];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Appends the row in the transaction of what it tells of: both become durable or neither. */
export async function recordAdmin(
  context: CliContext,
  sql: Sql,
  { target, decision, detail }: AdminAction,
): Promise<void> {
  const event: EventInput = { ...LOCAL_OPERATOR, kind: "admin", target, decision, detail };
  await appendRows(sql, WRITER, [eventRow(event, context.clock.now())]);
}

/** What `identity` functions need: changes of users and sessions are recorded with them. */
export function identityContext({ clock }: CliContext, sql: Pool): IdentityContext {
  return {
    sql,
    clock,
    record: (transaction, events) =>
      appendRows(transaction, WRITER, events.map((event) => eventRow(event, clock.now()))),
  };
}
