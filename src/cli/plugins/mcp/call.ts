import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { EXIT } from "../../exit.ts";
import { listView, type View } from "../../output/view.ts";
import { valueLines } from "../../infra/logs/value_lines.ts";
import { failureOf, openGateway } from "./gateway.ts";
import { getServer, listServers } from "./servers.ts";
import type { CallerFlags } from "./server_token.ts";

interface CallFlags extends CallerFlags {
  readonly args?: string;
  readonly timeout: number;
}

/** A tool's answer, as the protocol has it. */
interface ToolResult {
  readonly content?: readonly ContentBlock[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
  readonly resultType?: string;
  readonly inputRequests?: Readonly<Record<string, unknown>>;
  readonly _meta?: Readonly<Record<string, unknown>>;
}

interface ContentBlock {
  readonly type: string;
  readonly text?: string;
  readonly mimeType?: string;
  readonly data?: string;
  readonly uri?: string;
  readonly resource?: { readonly uri?: string; readonly text?: string };
}

export default async function call(
  this: CliContext,
  { args, timeout, ...caller }: CallFlags,
  server: string,
  tool: string,
): Promise<void> {
  const input = await readArguments(this, args);
  if (server !== "all") getServer(await listServers(this), server);
  const gateway = await openGateway(this, { ...caller, server, timeoutMs: timeout });
  const start = performance.now();
  const answer = await gateway.request("tools/call", { name: tool, arguments: input });
  const ms = Math.round(performance.now() - start);
  if (!answer.ok) throw failureOf(server, answer.error);
  const result: ToolResult = answer.result;
  if (result.resultType === "input_required") throw needsInput(server, tool, result);
  const success = result.isError !== true;
  this.out.report({
    kind: "mcp.call",
    data: {
      server,
      tool,
      success,
      content: result.content ?? [],
      structured_content: result.structuredContent ?? null,
      execution_time_ms: ms,
      meta: result._meta ?? {},
    },
    views: viewsOf(result),
    empty: "The tool answered with nothing.",
  });
  const decision = decisionOf(result);
  if (decision?.id) this.out.note(`Explained by: spgov infra logs audit ${decision.id}`);
  if (!success) this.setExit(decision?.outcome === "deny" ? EXIT.denied : EXIT.failure);
}

async function readArguments(
  context: CliContext,
  text: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  if (text === undefined) return {};
  const json = text === "-" ? await context.readStdin() : text;
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    // Said below.
  }
  throw new AppError("usage", "Cannot use --args: expected a JSON object", {
    hint: `For example: --args '{"path": "README.md"}'`,
  });
}

/** There is nobody at this command line who could answer for the user of an agent. */
function needsInput(server: string, tool: string, { inputRequests = {} }: ToolResult): AppError {
  const asked = Object.keys(inputRequests).join(", ");
  return new AppError("conflict", `"${tool}" of "${server}" asks for input first: ${asked}`, {
    hint: "Call it from a client that can answer.",
  });
}

/** What the gateway says of its own decision. */
function decisionOf(
  { _meta: meta }: ToolResult,
): { readonly id?: string; readonly outcome?: string } | undefined {
  const decision = meta?.["spgov/decision"];
  return typeof decision === "object" && decision !== null ? decision : undefined;
}

function viewsOf({ content = [], structuredContent }: ToolResult): View[] {
  // Structured content is repeated as text for old clients: people need to see it once.
  const rest = structuredContent === undefined ? content : content.filter(isNoCopy);
  const structured = structuredContent === undefined
    ? []
    : [listView(valueLines(structuredContent, PLAIN))];
  return [...structured, ...rest.map((block) => listView(linesOf(block)))];
}

function isNoCopy({ type, text = "" }: ContentBlock): boolean {
  return type !== "text" || !/^[[{]/.test(text.trim());
}

const PLAIN = { indent: "", columns: 100, maxLines: 10_000 };

function linesOf({ type, text, mimeType, data = "", uri, resource }: ContentBlock): string[] {
  if (text !== undefined) return text.split("\n");
  if (resource) return (resource.text ?? `[resource ${resource.uri}]`).split("\n");
  if (uri !== undefined) return [`[${type} ${uri}]`];
  return [`[${type} ${mimeType ?? ""}, ${Math.floor(data.length * 3 / 4)} bytes]`];
}
