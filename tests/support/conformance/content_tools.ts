import { fromJsonSchema, type McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { PNG, WAV } from "./samples.ts";

type Result = Awaited<ReturnType<Parameters<McpServer["registerTool"]>[2]>>;
type Content = Extract<Result, { content: unknown }>["content"];

const SCHEMA_2020_12 = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } },
    },
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
} as const;

/** Tools that answer with each kind of content. */
export function registerContentTools(server: McpServer): void {
  const text = (value: string) => ({ type: "text", text: value }) as const;
  const image = { type: "image", data: PNG, mimeType: "image/png" } as const;
  const tools: Readonly<Record<string, Content>> = {
    test_simple_text: [text("This is a simple text response for testing.")],
    test_image_content: [image],
    test_audio_content: [{ type: "audio", data: WAV, mimeType: "audio/wav" }],
    test_embedded_resource: [{
      type: "resource",
      resource: {
        uri: "test://embedded-resource",
        mimeType: "text/plain",
        text: "This is an embedded resource content.",
      },
    }],
    test_multiple_content_types: [text("Multiple content types test:"), image, {
      type: "resource",
      resource: {
        uri: "test://mixed-content-resource",
        mimeType: "application/json",
        text: JSON.stringify({ test: "data", value: 123 }),
      },
    }],
  };
  for (const [name, content] of Object.entries(tools)) {
    server.registerTool(name, { description: `Answers with ${name}` }, () => ({ content }));
  }
  server.registerTool("test_error_handling", { description: "Always fails" }, () => {
    throw new Error("This tool intentionally returns an error for testing");
  });
  server.registerTool("json_schema_2020_12_tool", {
    description: "Takes what JSON Schema 2020-12 can say",
    inputSchema: fromJsonSchema(SCHEMA_2020_12),
  }, () => ({ content: [text("ok")] }));
  server.registerTool("test_header_parameter", {
    description: "Has an argument that clients mirror into a header",
    inputSchema: z.object({ region: z.string().meta({ "x-mcp-header": "Region" }) }),
  }, ({ region }) => ({ content: [text(region)] }));
}
