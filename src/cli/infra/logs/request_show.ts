import { findCalls, listDecisions } from "../../../audit/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { toDocument } from "./call_document.ts";
import { callTable } from "./call_table.ts";
import { callView } from "./call_view.ts";
import { toModelRequest } from "./model_request.ts";
import { toToolCall } from "./tools_list.ts";

interface Flags {
  readonly messages: boolean;
  readonly tools: boolean;
  readonly full: boolean;
}

const MOST_TOOLS = 200;

export default async function show(
  this: CliContext,
  { messages, tools, full }: Flags,
  id: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const found = await findCalls(sql, id.trim(), 2);
  const calls = found?.matched === "request" ? found.calls : [];
  const [call] = calls.filter(({ target }) => target.startsWith("model:"));
  if (!call) {
    throw new AppError("not_found", `No request to a model begins with "${id}"`, {
      hint: 'See "spgov infra logs request list".',
    });
  }
  if (calls.length > 1) {
    throw new AppError("conflict", `Several requests begin with "${id}"`, {
      hint: "Give more digits.",
    });
  }
  const document = toDocument(call);
  const linked = tools || full
    ? (await listDecisions(
      sql,
      { trace: call.traceId, targets: ["mcp:%", "tool:%"] },
      { limit: MOST_TOOLS },
    )).items.map(toDocument)
    : [];
  const { input, output, ...rest } = document;
  const shown = messages || full ? document : rest;
  this.out.report({
    kind: "logs.request",
    data: {
      ...toModelRequest(document),
      ...(messages || full) && { messages: input ?? null, output: output ?? null },
      ...(tools || full) && { linked_mcp_calls: linked.map(toToolCall) },
    },
    views: [
      callView(shown, full),
      { ...callTable(linked, this.clock.now()), title: "Calls of tools in its trace" },
    ],
  });
}
