import type { TestService } from "./service.ts";

/** A client of the 2025 era, as little of it as tests need. */
export interface McpClient {
  /** Sends a request and answers the whole JSON-RPC answer. */
  // deno-lint-ignore no-explicit-any -- answers of every shape
  request(method: string, params?: unknown): Promise<any>;
  /** The value that `upstream_child.ts` answers a tool call with. */
  // deno-lint-ignore no-explicit-any
  call(tool: string, args?: unknown): Promise<any>;
}

/** Opens a session with a server behind the service. */
export async function openMcp(service: TestService, server: string): Promise<McpClient> {
  const { code, stdout, stderr } = await service.cli(
    ...["admin", "session", "token", "--audience", "mcp", "--server", server],
  );
  if (code !== 0) throw new Error(stderr);
  const headers: Record<string, string> = {
    authorization: `Bearer ${stdout.trim()}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const url = `${service.url}/api/v1/mcp/${server}/mcp`;
  let id = 0;
  const post = (body: Record<string, unknown>) =>
    fetch(url, { method: "POST", headers, body: JSON.stringify({ jsonrpc: "2.0", ...body }) });

  async function request(method: string, params: unknown = {}) {
    const response = await post({ id: ++id, method, params });
    const session = response.headers.get("mcp-session-id");
    if (session !== null) headers["mcp-session-id"] = session;
    const text = await response.text();
    const data = text.split("\n").findLast((line) => line.startsWith("data: "))?.slice(6) ?? text;
    return JSON.parse(data);
  }

  await request("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  });
  headers["mcp-protocol-version"] = "2025-06-18";
  await (await post({ method: "notifications/initialized" })).body?.cancel();
  return {
    request,
    async call(tool, args = {}) {
      const answer = await request("tools/call", { name: tool, arguments: args });
      const text = answer.result?.content?.[0]?.text;
      try {
        return JSON.parse(text);
      } catch {
        throw new Error(`The call failed: ${JSON.stringify(answer)}`);
      }
    },
  };
}
