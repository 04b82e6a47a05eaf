/**
 * A model provider for tests: speaks the parts of the Anthropic Messages API that an agent client
 * uses, on a loopback port, and says what its script tells it to. The n-th answer of a conversation
 * is the n-th step of the script; after the last step it says "done".
 */

/** One answer of the model: a tool call, or text that ends the turn. */
export type Step =
  | { readonly tool: string; readonly input: Readonly<Record<string, unknown>> }
  | { readonly text: string };

interface Block {
  readonly type: string;
  readonly content?: unknown;
  readonly is_error?: boolean;
}

interface Message {
  readonly role: string;
  readonly content: string | readonly Block[];
}

interface MessagesRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly Message[];
  readonly tools?: readonly unknown[];
}

/** The result of a tool call as the client gave it back to the model. */
export interface ToolResult {
  readonly text: string;
  readonly isError: boolean;
}

export interface FakeAnthropic {
  readonly url: string;
  /** Bodies of all model requests, oldest first, as text: what the provider got to see. */
  readonly bodies: readonly string[];
  /** Tool results in the newest request of the conversation, in order. */
  toolResults(): ToolResult[];
  /** Replaces the script and forgets the requests seen so far. */
  play(...steps: readonly Step[]): void;
  stop(): Promise<void>;
}

/** Starts the provider on a free loopback port. */
export function startFakeAnthropic(): FakeAnthropic {
  const bodies: string[] = [];
  let script: readonly Step[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const path = new URL(request.url).pathname;
      if (request.method !== "POST" || !path.startsWith("/v1/messages")) return notFound(path);
      const text = await request.text();
      if (path.endsWith("/count_tokens")) return Response.json({ input_tokens: 10 });
      bodies.push(text);
      const body = JSON.parse(text) as MessagesRequest;
      const message = buildMessage(body.model, nextStep(body, script), bodies.length);
      return body.stream === true ? streamOf(message) : Response.json(message);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    bodies,
    toolResults: () => newestToolResults(bodies),
    play: (...steps) => {
      script = steps;
      bodies.length = 0;
    },
    stop: () => server.shutdown(),
  };
}

function notFound(path: string): Response {
  const error = { type: "not_found_error", message: `no such path: ${path}` };
  return Response.json({ type: "error", error }, { status: 404 });
}

/** Side requests (titles, summaries) come without tools and get plain text. */
function nextStep(body: MessagesRequest, script: readonly Step[]): Step {
  if ((body.tools ?? []).length === 0) return { text: "ok" };
  return script[listToolResults(body).length] ?? { text: "done" };
}

function listToolResults(body: MessagesRequest): ToolResult[] {
  return body.messages
    .flatMap((message) => typeof message.content === "string" ? [] : message.content)
    .filter((block) => block.type === "tool_result")
    .map((block) => ({ text: textOf(block.content), isError: block.is_error === true }));
}

function textOf(content: unknown): string {
  return typeof content === "string" ? content : JSON.stringify(content);
}

function newestToolResults(bodies: readonly string[]): ToolResult[] {
  const conversation = bodies.map((text) => JSON.parse(text) as MessagesRequest)
    .filter((body) => (body.tools ?? []).length > 0);
  const newest = conversation.at(-1);
  return newest === undefined ? [] : listToolResults(newest);
}

interface OutMessage {
  readonly id: string;
  readonly content: readonly [OutBlock];
  readonly stop_reason: string;
  readonly [field: string]: unknown;
}

type OutBlock =
  | { readonly type: "text"; readonly text: string }
  | {
    readonly type: "tool_use";
    readonly id: string;
    readonly name: string;
    readonly input: unknown;
  };

function buildMessage(model: string, step: Step, n: number): OutMessage {
  const id = `msg_${String(n).padStart(24, "0")}`;
  const content: OutBlock = "tool" in step
    ? { type: "tool_use", id: id.replace("msg", "toolu"), name: step.tool, input: step.input }
    : { type: "text", text: step.text };
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    content: [content],
    stop_reason: content.type === "tool_use" ? "tool_use" : "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 10 },
  };
}

/** The same message as server-sent events, one delta for the whole block. */
function streamOf(message: OutMessage): Response {
  const block = message.content[0];
  const [start, delta] = block.type === "text"
    ? [{ type: "text", text: "" }, { type: "text_delta", text: block.text }]
    : [
      { ...block, input: {} },
      { type: "input_json_delta", partial_json: JSON.stringify(block.input) },
    ];
  const events = [
    { type: "message_start", message: { ...message, content: [], stop_reason: null } },
    { type: "content_block_start", index: 0, content_block: start },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    {
      type: "message_delta",
      delta: { stop_reason: message.stop_reason, stop_sequence: null },
      usage: { output_tokens: 10 },
    },
    { type: "message_stop" },
  ];
  const text = events.map((e) => `event: ${e.type}\ndata: ${JSON.stringify(e)}\n\n`).join("");
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
}
