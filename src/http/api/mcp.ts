import * as z from "zod";
import type { UpstreamLogLine, UpstreamStatus } from "../../egress/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { approvePending, listPinnedTools, lockPinnedTool, type PinnedTool } from "../../mcp/mod.ts";
import { adminEvent } from "./admin_event.ts";
import type { EgressContext, GatewayContext } from "./context.ts";
import { type ApiInput, declareRoutes, mapPage, pageFrom, paramOf } from "./route.ts";
import { flag, reference, timestamp } from "./schemas.ts";

const read = declareRoutes<GatewayContext>("gateway", "MCP");
/** What runs of the servers, only egress knows. */
const egress = declareRoutes<EgressContext>("egress", "MCP");

const confinement = z.enum(["bwrap", "uid", "none", "remote"]);

const serverSchema = z.object({
  server: z.string(),
  transport: z.enum(["stdio", "http"]),
  state: z.enum(["idle", "running", "waiting", "unstartable"]),
  confinement,
  lines: z.int(),
  pids: z.array(z.int()),
  starts: z.int(),
  failures: z.int(),
  retry_at: timestamp.nullable(),
  last_failure: z.object({ at: timestamp, code: z.string(), reason: z.string() }).nullable(),
}).meta({ id: "McpServer" });

const logSchema = z.object({ at: timestamp, key: z.string(), text: z.string() })
  .meta({ id: "McpServerLogLine" });

const toolSchema = z.object({
  id: z.string().describe("`<server>/<tool>`"),
  server: z.string(),
  tool: z.string(),
  state: z.enum(["approved", "changed", "new"]).describe("What waits is not offered to callers"),
  approved_hash: z.string().nullable(),
  approved_at: timestamp.nullable(),
  approved_by: z.string().nullable(),
  approved_definition: z.unknown(),
  pending_hash: z.string().nullable(),
  pending_since: timestamp.nullable(),
  pending_definition: z.unknown(),
}).meta({ id: "McpTool" });

const restarted = z.object({ server: z.string(), ended: z.int() }).meta({ id: "McpRestart" });

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

function serverView({ retryAt, lastFailure, pids, ...rest }: UpstreamStatus) {
  return {
    ...rest,
    pids: [...pids],
    retry_at: timeOf(retryAt),
    last_failure: lastFailure
      ? { ...lastFailure, at: new Date(lastFailure.at).toISOString() }
      : null,
  };
}

function logView({ at, key, text }: UpstreamLogLine) {
  return { at: new Date(at).toISOString(), key, text };
}

function toolView(tool: PinnedTool): z.input<typeof toolSchema> {
  return {
    id: `${tool.server}/${tool.tool}`,
    server: tool.server,
    tool: tool.tool,
    state: tool.pendingHash === null ? "approved" : tool.approvedHash === null ? "new" : "changed",
    approved_hash: tool.approvedHash,
    approved_at: tool.approvedAt?.toISOString() ?? null,
    approved_by: tool.approvedBy,
    approved_definition: tool.approvedDefinition,
    pending_hash: tool.pendingHash,
    pending_since: tool.pendingSince?.toISOString() ?? null,
    pending_definition: tool.pendingDefinition,
  };
}

function getStatus(
  { upstreams }: EgressContext,
  input: Pick<ApiInput<unknown, unknown>, "params">,
): UpstreamStatus {
  const server = paramOf(input, "server");
  const found = upstreams.status().find((each) => each.server === server);
  if (found) return found;
  throw new AppError("not_found", `No server ${JSON.stringify(server)} runs outside the appliance`);
}

export const MCP_ROUTES = [
  egress.list({
    path: "/api/v1/mcp/servers",
    permission: "mcp:read",
    summary: "Lists the servers behind the gateway and how they do",
    query: z.strictObject({}),
    key: reference,
    output: serverSchema,
    run({ upstreams }, { after, limit }) {
      const page = pageFrom(upstreams.status(), ({ server }) => server, after, limit);
      return Promise.resolve(mapPage(page, serverView));
    },
  }),
  egress.item({
    path: "/api/v1/mcp/servers/:server",
    permission: "mcp:read",
    summary: "Shows how a server does",
    output: serverSchema,
    run: (context, input) => Promise.resolve().then(() => serverView(getStatus(context, input))),
  }),
  egress.item({
    path: "/api/v1/mcp/servers/:server/logs",
    permission: "mcp:read",
    summary:
      "Shows the last lines on standard error of a server's children, injected values redacted",
    output: z.array(logSchema),
    run: (context, input) =>
      Promise.resolve().then(() =>
        context.upstreams.logs(getStatus(context, input).server).map(logView)
      ),
  }),
  egress.item({
    method: "POST",
    path: "/api/v1/mcp/servers/:server/restart",
    permission: "mcp:write",
    summary: "Ends what runs of a server; the next call starts it again",
    output: restarted,
    async run(context, input) {
      const { server } = getStatus(context, input);
      const { actor } = input;
      await context.sql.begin((sql) =>
        context.vault.record(sql, [
          adminEvent(actor, `mcp:${server}`, { event: "server_restarted", server }),
        ])
      );
      return { server, ended: context.upstreams.restart(server) };
    },
  }),
  read.list({
    path: "/api/v1/mcp/tools",
    permission: "mcp:read",
    summary: "Lists the tools of the servers, as approved and as they wait for approval",
    query: z.strictObject({ server: reference.optional(), pending: flag.optional() }),
    key: reference,
    output: toolSchema,
    async run({ sql }, { query: { server, pending }, after, limit }) {
      const tools = (await listPinnedTools(sql, server)).map(toolView).filter(({ state }) =>
        pending === undefined || (state !== "approved") === pending
      );
      return pageFrom(tools, ({ id }) => id, after, limit);
    },
  }),
  egress.item({
    method: "POST",
    path: "/api/v1/mcp/tools/:server/:tool/approve",
    permission: "mcp:write",
    summary:
      "Approves what waits of a tool; If-Match or the hash makes sure that it is what was looked at",
    body: z.strictObject({ pending_hash: reference }).meta({ id: "McpApproval" }),
    output: toolSchema,
    run: (context, input) =>
      context.sql.begin((sql) => approve(sql, context, input)) as ReturnType<typeof approve>,
  }),
];

async function approve(
  sql: Parameters<typeof lockPinnedTool>[0],
  { vault }: EgressContext,
  input: ApiInput<unknown, { readonly pending_hash: string }>,
): Promise<z.input<typeof toolSchema>> {
  const [server, tool] = [paramOf(input, "server"), paramOf(input, "tool")];
  const before = await lockPinnedTool(sql, server, tool);
  if (!before) {
    throw new AppError("not_found", `There is no tool ${JSON.stringify(`${server}/${tool}`)}`);
  }
  input.expect(toolView(before));
  const { actor, body: { pending_hash: hash } } = input;
  if (before.pendingHash !== hash) {
    throw new AppError("conflict", "This is not what waits for approval: read the tool again");
  }
  await approvePending(sql, server, tool, actor.userId);
  const detail = { event: "tool_approved", hash };
  await vault.record(sql, [adminEvent(actor, `mcp:${server}/${tool}`, detail)]);
  return toolView(await lockPinnedTool(sql, server, tool) ?? before);
}
