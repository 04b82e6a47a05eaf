import {
  type CallToolResult,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { failed, structured, text } from "./answer.ts";

/** What lies in the folder at the start. It lives in memory: nothing of the host can be reached through it. */
const FILES: readonly (readonly [string, string])[] = [
  ["README.md", "# Shop\n\nA shop with three products.\n"],
  ["src/main.rs", 'fn main() {\n    println!("open");\n}\n'],
  ["data/products.csv", "id,name,price\n1,lamp,40\n2,chair,120\n3,table,310\n"],
];

const SCHEME = "demo://files/";
const file = z.object({ path: z.string(), bytes: z.number().int() });
const path = z.string().min(1).max(200).describe("Path below the folder, with slashes");

/** A folder of text files to list, read, write and delete. Each instance has its own. */
export function createFilesServer(): McpServer {
  const files = new Map(FILES);
  const server = new McpServer({ name: "demo-files", title: "Demo files", version: "1.0.0" }, {
    instructions:
      "A small folder of text files for demonstrations. What is written is lost at the end.",
  });

  server.registerTool("list_files", {
    description: "List the files with their sizes",
    inputSchema: z.object({ prefix: z.string().max(200).default("") }),
    outputSchema: z.object({ files: z.array(file) }),
    annotations: { readOnlyHint: true, openWorldHint: false },
  }, ({ prefix }) => {
    const found = [...files].filter(([name]) => name.startsWith(prefix)).map(describe);
    return structured({ files: found });
  });

  server.registerTool("read_file", {
    description: "Read one file as text",
    inputSchema: z.object({ path }),
    annotations: { readOnlyHint: true, openWorldHint: false },
  }, ({ path }) => {
    const content = files.get(path);
    return content === undefined ? missing(path) : text(content);
  });

  server.registerTool("search_files", {
    description: "Find the lines that contain a text",
    inputSchema: z.object({ text: z.string().min(1).max(200) }),
    outputSchema: z.object({
      matches: z.array(z.object({ path: z.string(), line: z.number().int(), text: z.string() })),
    }),
    annotations: { readOnlyHint: true, openWorldHint: false },
  }, ({ text: wanted }) =>
    structured({
      matches: [...files].flatMap((each) => matchesIn(each, wanted)),
    }));

  server.registerTool("write_file", {
    description: "Write one file, replacing what it held",
    inputSchema: z.object({ path, content: z.string().max(100_000) }),
    outputSchema: file,
    annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  }, ({ path, content }) => {
    files.set(path, content);
    server.sendResourceListChanged();
    return structured(describe([path, content]));
  });

  server.registerTool("delete_file", {
    description: "Delete one file",
    inputSchema: z.object({ path }),
    annotations: { destructiveHint: true, openWorldHint: false },
  }, ({ path }) => {
    if (!files.delete(path)) return missing(path);
    server.sendResourceListChanged();
    return text(`Deleted ${path}`);
  });

  registerResources(server, files);
  server.registerPrompt("summarize", {
    description: "Ask for a summary of one file",
    argsSchema: z.object({ path }),
  }, ({ path }) => ({
    messages: [{
      role: "user",
      content: { type: "text", text: `Summarise this file:\n\n${files.get(path) ?? "(missing)"}` },
    }],
  }));
  return server;
}

function registerResources(server: McpServer, files: ReadonlyMap<string, string>): void {
  const template = new ResourceTemplate(`${SCHEME}{+path}`, {
    list: () => ({
      resources: [...files.keys()].map((name) => ({
        uri: SCHEME + name,
        name,
        mimeType: "text/plain",
      })),
    }),
    complete: { path: (value) => [...files.keys()].filter((name) => name.startsWith(value)) },
  });
  const about = { description: "A file of the folder", mimeType: "text/plain" };
  server.registerResource("file", template, about, (uri) => {
    const text = files.get(uri.href.slice(SCHEME.length));
    if (text === undefined) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no "${uri.href}"`);
    }
    return { contents: [{ uri: uri.href, mimeType: "text/plain", text }] };
  });
}

function matchesIn(
  [path, content]: readonly [string, string],
  wanted: string,
): { path: string; line: number; text: string }[] {
  return content.split("\n").flatMap((text, i) =>
    text.includes(wanted) ? [{ path, line: i + 1, text }] : []
  );
}

function describe([path, content]: readonly [string, string]): z.infer<typeof file> {
  return { path, bytes: new TextEncoder().encode(content).length };
}

function missing(path: string): CallToolResult {
  return failed(`There is no file "${path}"`);
}
