import {
  type ClientCapabilities,
  createRequestStateCodec,
  type InputRequest,
  inputRequired,
  type InputRequiredResult,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";

/** State that goes through the client and must come back as it was. */
export const STATE = createRequestStateCodec<{ readonly round: number }>({
  key: crypto.getRandomValues(new Uint8Array(32)),
});

type Responses = NonNullable<ServerContext["mcpReq"]["inputResponses"]>;

/** The 2026 way: a call answers what it still needs, and is made again with it. */
export function registerInputTools(server: McpServer): void {
  const name = question("What is your name?", "name");
  const confirm = question("Please confirm", "ok", "boolean");
  tool(server, "elicitation", ({ inputResponses }) => {
    const given = contentOf(inputResponses, "user_name")?.name;
    return typeof given === "string"
      ? `Hello, ${given}!`
      : inputRequired({ inputRequests: { user_name: name } });
  });
  tool(
    server,
    "sampling",
    ({ inputResponses }) =>
      inputResponses?.capital_question
        ? JSON.stringify(inputResponses.capital_question)
        : inputRequired({
          inputRequests: { capital_question: sampling("What is the capital of France?", 100) },
        }),
  );
  tool(
    server,
    "list_roots",
    ({ inputResponses }) =>
      inputResponses?.client_roots
        ? JSON.stringify(inputResponses.client_roots)
        : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } }),
  );
  for (const stateful of ["request_state", "tampered_state"]) {
    tool(
      server,
      stateful,
      async ({ inputResponses, requestState }) =>
        inputResponses?.confirm && requestState<{ round: number }>()?.round === 1
          ? "state-ok"
          : inputRequired({
            inputRequests: { confirm },
            requestState: await STATE.mint({ round: 1 }),
          }),
    );
  }
  tool(server, "multiple_inputs", async ({ inputResponses }) => {
    const { user_name, greeting, client_roots } = inputResponses ?? {};
    if (user_name && greeting && client_roots) return "all there";
    return inputRequired({
      inputRequests: {
        user_name: name,
        greeting: sampling("Generate a greeting", 50),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await STATE.mint({ round: 1 }),
    });
  });
  tool(server, "multi_round", async ({ inputResponses, requestState }) => {
    const round = requestState<{ round: number }>()?.round ?? 0;
    if (round === 2 && inputResponses?.step2) return "finished";
    const [step, asked] = round === 1 && inputResponses?.step1
      ? [2, question("Step 2: What is your favorite color?", "color")] as const
      : [1, question("Step 1: What is your name?", "name")] as const;
    return inputRequired({
      inputRequests: { [`step${step}`]: asked },
      requestState: await STATE.mint({ round: step }),
    });
  });
  tool(server, "capabilities", ({ envelope, inputResponses }) => {
    const declared = declaredBy(envelope);
    if (Object.keys(inputResponses ?? {}).length > 0) return "answered";
    if (declared.sampling) {
      return inputRequired({ inputRequests: { model: sampling("Say something", 20) } });
    }
    if (declared.elicitation) return inputRequired({ inputRequests: { user_name: name } });
    return "nothing can be asked";
  });
  registerMissingCapability(server);
  registerPrompt(server);
}

/** It needs the client's model whether the client has one or not: the SDK refuses the call where it has none. */
function registerMissingCapability(server: McpServer): void {
  server.registerTool(
    "test_missing_capability",
    { description: "Needs sampling" },
    (ctx) =>
      ctx.mcpReq.inputResponses?.model
        ? { content: [{ type: "text", text: "sampling is there" }] }
        : inputRequired({ inputRequests: { model: sampling("Say something", 20) } }),
  );
}

/** The capabilities that the client declares with its request. */
function declaredBy(envelope: object | undefined): ClientCapabilities {
  const entries: Readonly<Record<string, unknown>> = { ...envelope };
  return (entries["io.modelcontextprotocol/clientCapabilities"] ?? {}) as ClientCapabilities;
}

function registerPrompt(server: McpServer): void {
  server.registerPrompt("test_input_required_result_prompt", {
    description: "Needs to know more",
  }, (ctx) => {
    const context = contentOf(ctx.mcpReq.inputResponses, "user_context")?.context;
    if (typeof context !== "string") {
      const asked = question("What context should the prompt use?", "context");
      return inputRequired({ inputRequests: { user_context: asked } });
    }
    return { messages: [{ role: "user", content: { type: "text", text: `About ${context}` } }] };
  });
}

function sampling(text: string, maxTokens: number): InputRequest {
  return inputRequired.createMessage({
    messages: [{ role: "user", content: { type: "text", text } }],
    maxTokens,
  });
}

function question(
  message: string,
  field: string,
  type: "string" | "boolean" = "string",
): InputRequest {
  return inputRequired.elicit({
    message,
    requestedSchema: {
      type: "object",
      properties: { [field]: type === "string" ? { type } : { type } },
      required: [field],
    },
  });
}

/** What the user filled in; undefined when that is not an accepted form. */
function contentOf(
  responses: Responses | undefined,
  key: string,
): Record<string, unknown> | undefined {
  const response = responses?.[key] as { action?: unknown; content?: unknown } | undefined;
  return response?.action === "accept" && typeof response.content === "object"
    ? response.content as Record<string, unknown>
    : undefined;
}

function tool(
  server: McpServer,
  name: string,
  answer: (
    request: ServerContext["mcpReq"],
  ) => string | InputRequiredResult | Promise<string | InputRequiredResult>,
): void {
  server.registerTool(`test_input_required_result_${name}`, {
    description: `Needs input: ${name}`,
  }, async (ctx) => {
    const answered = await answer(ctx.mcpReq);
    return typeof answered === "string"
      ? { content: [{ type: "text", text: answered }] }
      : answered;
  });
}
