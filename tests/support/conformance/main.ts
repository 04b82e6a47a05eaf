// deno-lint-ignore-file no-console
/** The conformance server as a process: `main.ts stdio`, or `main.ts http` on a free port that it prints. */
import {
  createMcpHandler,
  isLegacyRequest,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { createConformanceServer } from "./server.ts";

const modern = createMcpHandler(createConformanceServer, { legacy: "reject" });
const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();

async function answer(request: Request): Promise<Response> {
  const host = URL.parse(`http://${request.headers.get("host")}`)?.hostname ?? "";
  const origin = URL.parse(request.headers.get("origin") ?? "http://127.0.0.1")?.hostname ?? "";
  if (![host, origin].every((name) => name === "127.0.0.1" || name === "localhost")) {
    return new Response("Forbidden", { status: 403 });
  }
  if (new URL(request.url).pathname !== "/mcp") return new Response("Not found", { status: 404 });
  if (!await isLegacyRequest(request.clone())) return await modern.fetch(request);
  const id = request.headers.get("mcp-session-id");
  if (id !== null) {
    return await sessions.get(id)?.handleRequest(request) ??
      new Response("No such session", { status: 404 });
  }
  const transport: WebStandardStreamableHTTPServerTransport =
    new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
  await createConformanceServer().connect(transport);
  return await transport.handleRequest(request);
}

if (Deno.args[0] === "http") {
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(JSON.stringify({ port })),
  }, answer);
} else {
  serveStdio(createConformanceServer);
}
