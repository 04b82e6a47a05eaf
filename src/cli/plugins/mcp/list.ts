import type { McpServerConfig } from "../../../mcp/mod.ts";
import { serverPath } from "../../../plugins/mod.ts";
import type { CliContext } from "../../context.ts";
import { findAddress } from "../../core/hooks/address.ts";
import { listServers } from "./servers.ts";

interface ListFlags {
  readonly enabled: boolean;
  readonly disabled: boolean;
}

export default async function list(this: CliContext, flags: ListFlags): Promise<void> {
  const [servers, { url }] = await Promise.all([listServers(this), findAddress(this)]);
  const wanted = servers.filter(({ enabled }) =>
    flags.enabled === flags.disabled ||
    enabled === flags.enabled
  );
  const documents = wanted.map((server) => documentOf(server, url));
  this.out.table({
    kind: "mcp.servers",
    columns: ["name", "transport", "enabled", "isolation", "pinning", "runs", "description"],
    rows: documents,
    data: { servers: documents, total: documents.length },
    empty: "No server is declared: write services/mcp/<name>.yaml.",
  });
}

type Row = Readonly<Record<"name" | "transport" | "isolation" | "pinning" | "runs", string>> & {
  readonly enabled: boolean;
  readonly dev_only: boolean;
  readonly description: string;
  readonly url: string;
  readonly scopes: readonly string[];
  readonly secrets: readonly string[];
  readonly network: boolean | null;
};

/** What may be told of a server: names of secrets, never a literal value of its environment. */
function documentOf(server: McpServerConfig, base: string): Row {
  return {
    name: server.name,
    transport: server.transport,
    enabled: server.enabled,
    dev_only: server.dev_only,
    isolation: server.transport === "builtin" ? "-" : server.isolation,
    pinning: server.pinning,
    runs: runsOf(server),
    description: server.description,
    url: `${base}${serverPath(server.name)}`,
    scopes: server.oauth.required ? server.oauth.scopes : [],
    secrets: secretsOf(server),
    network: server.transport === "stdio" ? server.network : null,
  };
}

function runsOf(server: McpServerConfig): string {
  switch (server.transport) {
    case "stdio":
      return [server.command, ...server.args].join(" ");
    case "http":
      return server.endpoint;
    case "builtin":
      return `built in: ${server.builtin}`;
  }
}

function secretsOf(server: McpServerConfig): string[] {
  switch (server.transport) {
    case "stdio":
      return Object.values(server.secrets);
    case "http":
      return Object.values(server.secret_headers).map(({ secret }) => secret);
    case "builtin":
      return [];
  }
}
