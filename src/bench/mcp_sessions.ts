const INITIALIZE = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "bench", version: "1" },
  },
});

/**
 * Opens sessions of revision 2025-11-25, spread over the servers that there are tokens for, and leaves them.
 * Answers how many it got.
 */
export async function openIdleSessions(
  url: string,
  tokens: ReadonlyMap<string, string>,
  count: number,
): Promise<number> {
  let opened = 0;
  const servers = [...tokens];
  for (let at = 0; at < count; at++) {
    const [server, token] = servers[at % servers.length] ?? [];
    const response = await fetch(`${url}/api/v1/mcp/${server}/mcp`, {
      method: "POST",
      headers: {
        "authorization": `Bearer ${token}`,
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
      },
      body: INITIALIZE,
    });
    const text = await response.text();
    if (response.headers.has("mcp-session-id") && text.includes('"serverInfo"')) opened++;
  }
  return opened;
}
