import { appendRows, type EventInput, eventRow, type HoldContext } from "../audit/mod.ts";
import type { Pool, Sql } from "../db/mod.ts";
import { type IdentityContext, LOCAL_OPERATOR } from "../identity/mod.ts";
import type { JobsContext } from "../jobs/mod.ts";
import { ensureInstance, shortInstance } from "../kernel/home.ts";
import type { SecretBytes, VaultContext } from "../vault/mod.ts";
import { attributed } from "./actor.ts";
import type { CliContext } from "./context.ts";

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
  await recorder(context)(sql, [event]);
}

/** What `identity` functions need: changes of users and sessions are recorded with them. */
export function identityContext(context: CliContext, sql: Pool): IdentityContext {
  return { sql, clock: context.clock, record: recorder(context) };
}

/** What `vault` functions need: changes of secrets are recorded with them. */
export function vaultContext(context: CliContext, sql: Pool, master: SecretBytes): VaultContext {
  const { clock } = context;
  return { sql, master, clock, actor: LOCAL_OPERATOR, record: recorder(context) };
}

/** What placing and releasing holds needs: each is recorded with it. */
export function holdContext(context: CliContext, sql: Pool): HoldContext {
  return { sql, actor: LOCAL_OPERATOR, record: recorder(context) };
}

/** What `jobs` functions need: what is asked of the schedulers is recorded with it. */
export function jobsContext(context: CliContext, sql: Pool): JobsContext {
  return { sql, actor: LOCAL_OPERATOR, record: recorder(context) };
}

/** Appends rows in the transaction of what they tell of, each as the doing of who called the verb. */
function recorder(
  context: CliContext,
): (sql: Sql, events: readonly EventInput[]) => Promise<void> {
  return async (sql, events) => {
    const now = context.clock.now();
    const rows = events.map((event) => eventRow(attributed(context, event), now));
    await appendRows(sql, await writerOf(context), rows);
  };
}

/** Name of the chain that this home's command line appends to. */
async function writerOf({ home }: CliContext): Promise<string> {
  return `${shortInstance(await ensureInstance(home))}/cli`;
}
