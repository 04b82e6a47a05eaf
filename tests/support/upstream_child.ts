/**
 * A server that does what it is told by the method of a request, well or badly. It speaks JSON lines itself,
 * so that it can also speak them wrongly.
 */
import { spawn } from "node:child_process";
import { writeSync } from "node:fs";

interface Request {
  readonly id?: number;
  readonly method: string;
  // deno-lint-ignore no-explicit-any
  readonly params?: any;
}

const encoder = new TextEncoder();

/** Writes all of it, whatever the pipe takes at once. */
function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") Deno.exit(9);
    }
  }
}

/** The request under way is a tool call of MCP: its result has to look like one. */
let isToolCall = false;

const print = (text: string): void => write(encoder.encode(text));
function answer(id: number | undefined, value: unknown): void {
  const result = isToolCall ? { content: [{ type: "text", text: JSON.stringify(value) }] } : value;
  print(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
}
const notification = `${JSON.stringify({ jsonrpc: "2.0", method: "notifications/x" })}\n`;

const METHODS: Readonly<Record<string, (request: Request) => unknown>> = {
  echo: ({ id, params }) => answer(id, params),
  environment: ({ id }) => answer(id, Deno.env.toObject()),
  arguments: ({ id }) => answer(id, Deno.args),
  process: ({ id }) => answer(id, { pid: Deno.pid, uid: Deno.uid(), cwd: Deno.cwd() }),
  read: async ({ id, params }) => {
    const text = await Deno.readTextFile(params.path).catch((error) => `refused: ${error.name}`);
    answer(id, text);
  },
  connect: async ({ id, params }) => {
    const reached = await Deno.connect(params).then((connection) => {
      connection.close();
      return "reached";
    }, (error) => `refused: ${error.name}`);
    answer(id, reached);
  },
  text: ({ params }) => print(params.text),
  bytes: ({ params }) => write(Uint8Array.from(params.bytes)),
  error: ({ id, params }) => {
    Deno.stderr.writeSync(encoder.encode(params.text));
    answer(id, {});
  },
  hang: () => {},
  stuck: () => {
    for (;;);
  },
  exit: ({ params }) => Deno.exit(params.code),
  notify: ({ id, params }) => {
    print(notification.repeat(params.count));
    answer(id, {});
  },
  flood: () => {
    for (;;) print(notification.repeat(100));
  },
  endless: () => {
    for (;;) print("x".repeat(65_536));
  },
  large: ({ id, params }) => answer(id, "x".repeat(params.bytes)),
  fork: ({ id }) => {
    Deno.addSignalListener("SIGTERM", () => {});
    const family = [false, true].map((detached) =>
      spawn("sh", ["-c", "trap '' TERM HUP; sleep 1000"], { detached, stdio: "ignore" }).pid
    );
    answer(id, [Deno.pid, ...family]);
  },
};

/** What makes it an MCP server of the 2025 era: each of the methods above is a tool. */
function serveMcp(request: Request): unknown {
  const { id, method, params } = request;
  switch (method) {
    case "initialize":
      return answer(id, {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "child", version: "1" },
      });
    case "tools/list": {
      const tools = Object.keys(METHODS).map((name) => ({ name, inputSchema: { type: "object" } }));
      return answer(id, { tools });
    }
    case "tools/call":
      isToolCall = true;
      if (params.name === "whole") return answer(id, params);
      return METHODS[params.name]?.({ ...request, params: params.arguments ?? {} });
  }
  const error = { code: -32601, message: "Method not found" };
  return id === undefined ? undefined : print(`${JSON.stringify({ jsonrpc: "2.0", id, error })}\n`);
}

let line = "";
const decoder = new TextDecoder();
for await (const chunk of Deno.stdin.readable) {
  const lines = (line + decoder.decode(chunk, { stream: true })).split("\n");
  line = lines.pop() ?? "";
  for (const text of lines) {
    const request: Request = JSON.parse(text);
    isToolCall = false;
    await (METHODS[request.method] ?? serveMcp)(request);
  }
}
if (Deno.args.includes("stay")) setInterval(() => {}, 1000);
