import { type CallDocument, toDocument } from "../../infra/logs/call_document.ts";
import { callTable } from "../../infra/logs/call_table.ts";
import type { UpstreamLogLine } from "../../../egress/mod.ts";
import { listDecisions } from "../../../audit/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { LimitFlag } from "../../flags.ts";
import { tableView } from "../../output/view.ts";
import { openService } from "./service_api.ts";
import { getServer, listServers } from "./servers.ts";

export default async function logs(
  this: CliContext,
  { limit }: LimitFlag,
  server: string,
): Promise<void> {
  const { transport } = getServer(await listServers(this), server);
  // Built-in servers and remote ones have no standard error of their own.
  const all = transport === "stdio" ? await (await openService(this)).logs(server) : [];
  const lines = all.slice(-limit);
  const calls = await recentCalls(this, server, limit);
  this.out.report({
    kind: "mcp.logs",
    data: { server, lines: lines.map(toLine), calls },
    views: [
      tableView(
        [
          { label: "TIME", of: ({ at }) => new Date(at).toISOString().slice(11, 23), keep: true },
          { label: "PROCESS OF", of: ({ key }) => key },
          { label: "STANDARD ERROR", of: ({ text }) => text },
        ],
        lines,
        "STANDARD ERROR",
      ),
      { ...callTable(calls, this.clock.now()), title: "CALLS, NEWEST FIRST" },
    ],
    empty: `Server "${server}" has said nothing and was not called.`,
  });
}

async function recentCalls(
  context: CliContext,
  server: string,
  limit: number,
): Promise<CallDocument[]> {
  const { sql } = await openDatabase(context);
  const { items } = await listDecisions(sql, { targets: [`mcp:${server}/%`] }, { limit });
  return items.map(toDocument);
}

function toLine({ at, ...rest }: UpstreamLogLine): Readonly<Record<string, unknown>> {
  return { at: new Date(at).toISOString(), ...rest };
}
