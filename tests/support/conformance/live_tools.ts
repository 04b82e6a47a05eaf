import type { McpServer, ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";

const STEP_MS = 50;

/** Tools that say something, or ask for something, while they run. */
export function registerLiveTools(server: McpServer): void {
  const done = { content: [{ type: "text" as const, text: "done" }] };
  for (const name of ["test_tool_with_logging", "test_logging_tool"]) {
    server.registerTool(name, { description: "Logs while it runs" }, async (ctx) => {
      const lines = ["Tool execution started", "Tool processing data", "Tool execution completed"];
      for (const line of lines) {
        await ctx.mcpReq.log("info", line);
        await pause();
      }
      return done;
    });
  }
  server.registerTool(
    "test_tool_with_progress",
    { description: "Tells how far it is" },
    async (ctx) => {
      for (const progress of [0, 50, 100]) {
        await tellProgress(ctx, progress);
        await pause();
      }
      return done;
    },
  );
  server.registerTool("test_streaming_elicitation", { description: "Streams" }, async (ctx) => {
    await ctx.mcpReq.notify({
      method: "notifications/message",
      params: { level: "info", data: "under way" },
    });
    return done;
  });
  server.registerTool(
    "test_reconnection",
    { description: "Closes its stream half-way" },
    async (ctx) => {
      ctx.http?.closeSSE?.();
      await pause();
      return done;
    },
  );
  registerQuestions(server);
}

/** The 2025 way: the server asks the client while the call is open. */
function registerQuestions(server: McpServer): void {
  server.registerTool("test_sampling", {
    description: "Asks the client's model",
    inputSchema: z.object({ prompt: z.string() }),
  }, async ({ prompt }, ctx) => {
    const { content } = await ctx.mcpReq.requestSampling({
      messages: [{ role: "user", content: { type: "text", text: prompt } }],
      maxTokens: 100,
    });
    const text = "text" in content ? content.text : JSON.stringify(content);
    return { content: [{ type: "text", text: `LLM response: ${text}` }] };
  });
  const text = (description: string) => ({ type: "string", description }) as const;
  server.registerTool("test_elicitation", {
    description: "Asks the user",
    inputSchema: z.object({ message: z.string() }),
  }, async ({ message }, ctx) => ({
    content: [{
      type: "text",
      text: `User response: ${await ask(ctx, message, {
        username: text("User's response"),
        email: text("User's email address"),
      }, ["username", "email"])}`,
    }],
  }));
  const choices = (prefix: string, title: string) =>
    ["First", "Second", "Third"].map((word, i) => ({
      const: `${prefix}${i + 1}`,
      title: `${word} ${title}`,
    }));
  const asking = {
    test_elicitation_sep1034_defaults: {
      name: { type: "string", default: "John Doe" },
      age: { type: "integer", default: 30 },
      score: { type: "number", default: 95.5 },
      status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
      verified: { type: "boolean", default: true },
    },
    test_elicitation_sep1330_enums: {
      untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
      titledSingle: { type: "string", oneOf: choices("value", "Option") },
      legacyEnum: {
        type: "string",
        enum: ["opt1", "opt2", "opt3"],
        enumNames: ["Option One", "Option Two", "Option Three"],
      },
      untitledMulti: {
        type: "array",
        items: { type: "string", enum: ["option1", "option2", "option3"] },
      },
      titledMulti: { type: "array", items: { anyOf: choices("value", "Choice") } },
    },
  };
  for (const [name, properties] of Object.entries(asking)) {
    server.registerTool(name, { description: "Asks the user" }, async (ctx) => ({
      content: [{
        type: "text",
        text: `Elicitation completed: ${await ask(ctx, "Please fill in", properties)}`,
      }],
    }));
  }
}

async function ask(
  ctx: ServerContext,
  message: string,
  properties: object,
  required: string[] = [],
): Promise<string> {
  const { action, content } = await ctx.mcpReq.elicitInput({
    message,
    requestedSchema: { type: "object", properties: { ...properties }, required },
  });
  return `action=${action}, content=${JSON.stringify(content ?? {})}`;
}

async function tellProgress(ctx: ServerContext, progress: number): Promise<void> {
  const token = ctx.mcpReq._meta?.progressToken;
  if (token === undefined) return;
  await ctx.mcpReq.notify({
    method: "notifications/progress",
    params: { progressToken: token, progress, total: 100 },
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, STEP_MS));
}
