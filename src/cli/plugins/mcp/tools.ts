import { messageOf } from "../../../kernel/errors.ts";
import { listPinnedTools, type PinnedTool } from "../../../mcp/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { EXIT } from "../../exit.ts";
import { openGateway } from "./gateway.ts";
import type { CallerFlags } from "./server_token.ts";
import { getServer, listServers } from "./servers.ts";

interface ToolsFlags extends CallerFlags {
  readonly timeout: number;
}

/**
 * `approved` as it was approved; `changed` and `new` wait for approval, hidden and denied; `hidden` is on
 * record and not listed for this caller: it may not call it, or the server does not offer it any more.
 */
type ToolState = "approved" | "changed" | "new" | "hidden" | "not pinned";

interface ToolRow {
  readonly server: string;
  readonly name: string;
  readonly state: ToolState;
  readonly title: string | null;
  readonly description: string | null;
  readonly parameters_count: number;
  readonly input_schema: unknown;
  readonly output_schema: unknown;
  readonly annotations: unknown;
  readonly approved_at: Date | null;
  readonly approved_by: string | null;
}

/** A tool as a list has it. */
interface Offered {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema?: { readonly properties?: object; readonly required?: readonly string[] };
  readonly outputSchema?: unknown;
  readonly annotations?: unknown;
}

export default async function tools(
  this: CliContext,
  { timeout, ...caller }: ToolsFlags,
  name: string | undefined,
): Promise<void> {
  const servers = await listServers(this);
  const chosen = name === undefined
    ? servers.filter(({ enabled }) => enabled)
    : [getServer(servers, name)];
  const rows: ToolRow[] = [];
  const failures: { readonly server: string; readonly reason: string }[] = [];
  for (const { name: server, pinning } of chosen) {
    try {
      const gateway = await openGateway(this, { ...caller, server, timeoutMs: timeout });
      const offered: Offered[] = await gateway.list("tools/list", "tools");
      const { sql } = await openDatabase(this);
      const pinned = pinning === "off" ? undefined : await listPinnedTools(sql, server);
      rows.push(...rowsOf(server, offered, pinned));
    } catch (error) {
      if (name !== undefined) throw error;
      failures.push({ server, reason: messageOf(error) });
    }
  }
  for (const { reason } of failures) this.out.warn(reason);
  this.out.table({
    kind: "mcp.tools",
    columns: [
      "server",
      { label: "TOOL", of: (row) => row.name, keep: true },
      { label: "STATE", of: ({ state }) => state, keep: true },
      { label: "PARAMETERS", of: ({ input_schema: schema }) => parametersOf(schema) },
      { label: "DESCRIPTION", of: ({ description }) => description?.split("\n")[0] },
    ],
    rows,
    data: {
      tools: rows,
      failures,
      summary: { total_tools: rows.length, servers_queried: chosen.length },
    },
    empty: "No tool is offered.",
  });
  const waiting = rows.filter(({ state }) => state === "changed" || state === "new");
  if (waiting.length > 0) {
    const [{ server = "" } = {}] = waiting;
    this.out.note(`${waiting.length} wait: see "spgov plugins mcp approve ${server} --dry-run".`);
  }
  const hidden = rows.filter(({ state }) => state === "hidden").length;
  if (hidden > 0) {
    this.out.note(
      `${hidden} hidden: no rule lets this caller call them, or they are not offered now.`,
    );
  }
  if (failures.length > 0) this.setExit(EXIT.unavailable);
}

/** Names, with a star where a value is needed. */
function parametersOf(schema: unknown): string {
  const { properties = {}, required = [] } = { ...schema as Offered["inputSchema"] };
  const names = Object.keys(properties);
  return names.map((name) => required.includes(name) ? `${name}*` : name).join(" ") || "-";
}

function rowsOf(
  server: string,
  offered: readonly Offered[],
  pinned: readonly PinnedTool[] | undefined,
): ToolRow[] {
  const listed = offered.map((tool) => {
    const pin = pinned?.find((each) => each.tool === tool.name);
    return rowOf(server, tool, pinned === undefined ? "not pinned" : "approved", pin);
  });
  const names = new Set(offered.map(({ name }) => name));
  const hidden = (pinned ?? []).filter(({ tool }) => !names.has(tool)).map((pin) => {
    const definition = pin.pendingDefinition ?? pin.approvedDefinition ?? {};
    const state = pin.pendingHash === null
      ? "hidden"
      : pin.approvedHash === null
      ? "new"
      : "changed";
    return rowOf(server, { ...definition, name: pin.tool }, state, pin);
  });
  return [...listed, ...hidden];
}

function rowOf(
  server: string,
  tool: Offered,
  state: ToolState,
  pin: PinnedTool | undefined,
): ToolRow {
  return {
    server,
    name: tool.name,
    state,
    title: tool.title ?? null,
    description: tool.description ?? null,
    parameters_count: Object.keys(tool.inputSchema?.properties ?? {}).length,
    input_schema: tool.inputSchema ?? null,
    output_schema: tool.outputSchema ?? null,
    annotations: tool.annotations ?? null,
    approved_at: pin?.approvedAt ?? null,
    approved_by: pin?.approvedBy ?? null,
  };
}
