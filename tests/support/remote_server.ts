/** A remote MCP server on a real port that answers as a test wants, and remembers what it was asked. */
export interface RemoteServer {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  stop(): Promise<void>;
}

export interface SeenRequest {
  readonly method: string;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- whatever the client sent
  readonly body: any;
  /** Whether the client gave up on the answer. */
  readonly signal: AbortSignal;
}

export type AnswerRequest = (request: SeenRequest) => Response | Promise<Response>;

export function startRemoteServer(
  answer: AnswerRequest,
  tls?: { readonly cert: string; readonly key: string },
): RemoteServer {
  const requests: SeenRequest[] = [];
  const closing = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: closing.signal, ...tls, onListen: () => {} },
    async (request) => {
      const text = await request.text();
      const { method, headers, signal } = request;
      const seen = { method, headers, signal, body: text === "" ? undefined : JSON.parse(text) };
      requests.push(seen);
      return await answer(seen);
    },
  );
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${server.addr.port}/mcp`,
    requests,
    async stop() {
      closing.abort();
      await server.finished;
    },
  };
}

/** The answer to a request, as JSON. */
export function reply(request: SeenRequest, result: unknown, headers: HeadersInit = {}): Response {
  return Response.json({ jsonrpc: "2.0", id: request.body.id, result }, { headers });
}

/** Events as a stream that ends after them, or stays open. */
export function events(parts: readonly string[], stays = false): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
      if (!stays) controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
