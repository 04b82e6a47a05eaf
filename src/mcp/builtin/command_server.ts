import { type CallToolResult, fromJsonSchema, McpServer } from "@modelcontextprotocol/server";
import { VERSION } from "../../kernel/version.ts";
import { CALLER_META, readCaller, type VerifiedCaller } from "../caller_meta.ts";

/** What a command ended with. */
export interface CommandResult {
  readonly status: number;
  /** The document that it printed: `{data, kind}` or `{error}`. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** A command as a tool. */
export interface CommandTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly isReadOnly: boolean;
  run(
    input: Readonly<Record<string, unknown>>,
    caller: VerifiedCaller,
    signal: AbortSignal,
  ): Promise<CommandResult>;
}

const OUTPUT = {
  type: "object",
  properties: {
    status: { type: "integer", description: "Exit status; 0 is success" },
    kind: { type: "string", description: "Shape of the data" },
    data: {},
    error: {
      type: "object",
      properties: {
        code: { type: "string" },
        message: { type: "string" },
        hint: { type: "string" },
      },
      required: ["code", "message"],
    },
  },
  required: ["status"],
} as const;

/** A server whose tools are commands. */
export function createCommandServer(name: string, tools: readonly CommandTool[]): McpServer {
  const server = new McpServer({ name, title: "spgov", version: VERSION }, {
    instructions: "Commands of the appliance's own command line, each as one tool.",
  });
  for (const tool of tools) {
    server.registerTool(tool.name, {
      description: tool.description,
      inputSchema: fromJsonSchema<Readonly<Record<string, unknown>>>({ ...tool.inputSchema }),
      outputSchema: fromJsonSchema({ ...OUTPUT }),
      annotations: {
        readOnlyHint: tool.isReadOnly,
        destructiveHint: !tool.isReadOnly,
        openWorldHint: false,
      },
    }, async (input, { mcpReq: { _meta, signal } }) => {
      const caller = readCaller(_meta?.[CALLER_META]);
      return toResult(caller ? await tool.run(input, caller, signal) : UNKNOWN);
    });
  }
  return server;
}

const UNKNOWN: CommandResult = {
  status: 4,
  document: { error: { code: "forbidden", message: "Nobody vouches for who calls" } },
};

function toResult({ status, document }: CommandResult): CallToolResult {
  const result = { status, ...document };
  return {
    content: [{ type: "text", text: JSON.stringify(result) }],
    structuredContent: result,
    // What a validation finds is its result, not its failure.
    ...document.error !== undefined && { isError: true },
  };
}
