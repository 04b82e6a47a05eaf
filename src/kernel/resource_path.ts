/** The path of a server's MCP endpoint, which tokens are made for; `all` is the one of every server together. */
export function resourcePath(server: string): string {
  return `/api/v1/mcp/${server}/mcp`;
}
