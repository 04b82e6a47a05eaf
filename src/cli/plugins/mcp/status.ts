import type { UpstreamStatus } from "../../../egress/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { EXIT } from "../../exit.ts";
import { openService } from "./service_api.ts";
import { getServer, listServers } from "./servers.ts";

interface StatusFlags {
  readonly server?: string;
}

export default async function status(this: CliContext, { server }: StatusFlags): Promise<void> {
  if (server !== undefined) {
    const found = getServer(await listServers(this), server);
    if (found.transport === "builtin") {
      throw new AppError(
        "usage",
        `"${server}" is a part of the appliance: it runs while that runs`,
      );
    }
  }
  const all = await (await openService(this)).status();
  const rows = all.filter((each) => server === undefined || each.server === server)
    .toSorted((a, b) => a.server < b.server ? -1 : 1);
  this.out.table({
    kind: "mcp.status",
    columns: [
      { label: "SERVER", of: (row) => row.server, keep: true },
      "state",
      "confinement",
      "lines",
      { label: "PIDS", of: ({ pids }) => pids.join(" ") || "-" },
      "starts",
      "failures",
      { label: "LAST FAILURE", of: lastFailure },
    ],
    rows,
    data: {
      servers: rows,
      summary: {
        total: rows.length,
        running: rows.filter(({ state }) => state === "running").length,
      },
    },
    empty: "No server is enabled that runs outside the appliance.",
  });
  if (rows.some(({ state, retryAt }) => state === "unstartable" || retryAt !== undefined)) {
    this.setExit(EXIT.unavailable);
  }
}

function lastFailure({ lastFailure: last, retryAt }: UpstreamStatus): string {
  if (!last) return "-";
  const again = retryAt === undefined ? "" : `, again ${new Date(retryAt).toISOString()}`;
  return `${last.reason}${again}`;
}
