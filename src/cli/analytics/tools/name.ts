/** A target as the tool and the server that it names; a client's own tools have none. */
export function toolName(target: string): {
  readonly tool_name: string;
  readonly server_name: string | null;
} {
  const [, server, name] = /^mcp:([^/]*)\/(.*)$/s.exec(target) ?? [];
  return server === undefined
    ? { tool_name: target.replace(/^tool:/, ""), server_name: null }
    : { tool_name: name ?? "", server_name: server };
}

/** Targets of one server's tools, or of all tools. */
export function targetsOf(server: string | undefined): readonly string[] {
  return server === undefined
    ? ["tool:%", "mcp:%"]
    : [`mcp:${server.replaceAll(/[\\%_]/g, "\\$&")}/%`];
}
