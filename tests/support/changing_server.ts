// deno-lint-ignore-file no-console
/**
 * A small MCP server of the 2025 era over standard input and output, by hand, so that it needs nothing but the
 * runtime: its one tool is described by DESCRIPTION and tells what it was given.
 */
const description = Deno.env.get("DESCRIPTION") ?? "Says what it is told";

const ANSWERS: Readonly<Record<string, (params: Record<string, unknown>) => unknown>> = {
  initialize: () => ({
    protocolVersion: "2025-06-18",
    capabilities: { tools: {} },
    serverInfo: { name: "changing", version: "1" },
  }),
  "tools/list": () => ({ tools: [{ name: "say", description, inputSchema: { type: "object" } }] }),
  "tools/call": ({ arguments: given }) => ({
    content: [{ type: "text", text: JSON.stringify(given) }],
    isError: (given as { fail?: boolean } | undefined)?.fail === true,
  }),
  ping: () => ({}),
};

console.error(`changing started, process ${Deno.pid}`);
let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    const { id, method, params = {} } = JSON.parse(line);
    if (id === undefined) continue;
    const answer = ANSWERS[method];
    const body = answer ? { result: answer(params) } : { error: { code: -32601, message: method } };
    console.log(JSON.stringify({ jsonrpc: "2.0", id, ...body }));
  }
}
