import type { CallToolResult } from "@modelcontextprotocol/server";

export function text(value: string): CallToolResult {
  return { content: [{ type: "text", text: value }] };
}

/** The value for programs, and as text for clients that read no structured content. */
export function structured(value: Record<string, unknown>): CallToolResult {
  return { ...text(JSON.stringify(value)), structuredContent: value };
}

export function failed(reason: string): CallToolResult {
  return { ...text(reason), isError: true };
}
