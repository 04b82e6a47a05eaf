import * as z from "zod";
import {
  type AuditCall,
  correlationDocument,
  findCalls,
  findRowById,
  listRowPage,
  rowDocument,
} from "../../audit/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import type { GatewayContext } from "./context.ts";
import { declareRoutes, mapPage, paramOf } from "./route.ts";
import { given, moment, reference, timestamp } from "./schemas.ts";

const read = declareRoutes<GatewayContext>("gateway", "Audit");

const correlation = {
  id: z.uuid(),
  created_at: timestamp,
  user_id: z.string(),
  session_id: z.string(),
  task_id: z.string(),
  trace_id: z.string(),
  context_id: z.string(),
  client_id: z.string(),
  role: z.string(),
  surface: z.string(),
  target: z.string(),
  decision: z.string(),
  policy: z.string(),
  detail: z.record(z.string(), z.unknown()),
  cost_microdollars: z.int(),
  latency_us: z.int(),
};

const rowSchema = z.object({ ...correlation, kind: z.string(), call_id: z.uuid() })
  .meta({ id: "AuditRow" });

const callSchema = z.object({
  ...correlation,
  outcome: z.string().describe("`denied`, `open`, or how the call ended"),
  outcome_id: z.uuid().nullable(),
  finished_at: timestamp.nullable(),
  outcome_detail: z.record(z.string(), z.unknown()).nullable(),
  outcome_latency_us: z.int().nullable(),
}).meta({ id: "AuditCall" });

function callView(call: AuditCall): z.input<typeof callSchema> {
  return {
    ...correlationDocument(call),
    outcome: call.outcome,
    outcome_id: call.outcomeId,
    finished_at: call.finishedAt?.toISOString() ?? null,
    outcome_detail: call.outcomeDetail,
    outcome_latency_us: call.outcomeLatencyUs,
  };
}

const uuid = z.uuid();

/** The id in the path. Throws `not_found` for what no row is called. */
function idOf(input: Parameters<typeof paramOf>[0]): string {
  const parsed = uuid.safeParse(paramOf(input, "id"));
  if (parsed.success) return parsed.data.toLowerCase();
  throw noRow(paramOf(input, "id"));
}

function noRow(id: string): AppError {
  return new AppError("not_found", `There is no row ${JSON.stringify(id)}`);
}

export const AUDIT_ROUTES = [
  read.list({
    path: "/api/v1/audit",
    permission: "audit:read",
    summary:
      "Lists rows of the audit, newest first; a page may be short, or empty, and still go on",
    query: z.strictObject({
      kind: z.enum(["decision", "outcome", "identity", "admin", "system"]).optional(),
      decision: z.enum(["allow", "deny", "ok", "error", "cancelled", "timeout"]).optional(),
      policy: reference.optional().describe("The rule that decided"),
      user_id: reference.optional(),
      session_id: reference.optional(),
      trace_id: reference.optional(),
      surface: z.enum(["hook", "mcp", "model", "agent", "api", "cli"]).optional(),
      target: reference.optional().describe("The whole target: `tool:Bash`"),
      since: moment.optional(),
      until: moment.optional(),
    }),
    key: uuid,
    output: rowSchema,
    async run({ sql }, { query: { since, until, ...conditions }, after, limit }) {
      const filter = { conditions: given(conditions), since, until };
      return mapPage(await listRowPage(sql, filter, after, limit), rowDocument);
    },
  }),
  read.item({
    path: "/api/v1/audit/:id",
    permission: "audit:read",
    summary: "Shows a row of the audit",
    output: rowSchema,
    async run({ sql }, input) {
      const row = await findRowById(sql, idOf(input));
      if (row) return rowDocument(row);
      throw noRow(paramOf(input, "id"));
    },
  }),
  read.item({
    path: "/api/v1/audit/calls/:id",
    permission: "audit:read",
    summary: "Shows a governed call: its decision with its outcome",
    output: callSchema,
    async run({ sql }, input) {
      const id = idOf(input);
      const found = await findCalls(sql, id, 1);
      const [call] = found?.calls ?? [];
      if (call?.id === id) return callView(call);
      throw noRow(id);
    },
  }),
];
