import { completable, type McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import * as z from "zod";
import { PNG } from "./samples.ts";

const CITIES = ["paris", "park", "party"];

export function registerResources(server: McpServer): void {
  const add = (name: string, mimeType: string, content: { text: string } | { blob: string }) =>
    server.registerResource(name, `test://${name}`, {
      description: `The resource ${name}`,
      mimeType,
    }, (uri) => ({ contents: [{ uri: uri.href, mimeType, ...content }] }));
  add("static-text", "text/plain", { text: "This is the content of the static text resource." });
  add("static-binary", "image/png", { blob: PNG });
  add("watched-resource", "text/plain", { text: "watched" });
  server.registerResource(
    "template",
    new ResourceTemplate("test://template/{id}/data", { list: undefined }),
    { description: "Data of one id", mimeType: "application/json" },
    (uri, { id }) => ({
      contents: [{
        uri: uri.href,
        mimeType: "application/json",
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
      }],
    }),
  );
}

export function registerPrompts(server: McpServer): void {
  const user = <T>(content: T) => ({ role: "user" as const, content });
  const text = (value: string) => user({ type: "text" as const, text: value });
  server.registerPrompt("test_simple_prompt", { description: "No arguments" }, () => ({
    messages: [text("This is a simple prompt for testing.")],
  }));
  const argument = () =>
    completable(z.string(), (value) => CITIES.filter((city) => city.startsWith(value)));
  server.registerPrompt("test_prompt_with_arguments", {
    description: "Two arguments",
    argsSchema: z.object({ arg1: argument(), arg2: argument() }),
  }, ({ arg1, arg2 }) => ({
    messages: [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  }));
  server.registerPrompt("test_prompt_with_embedded_resource", {
    description: "Embeds a resource",
    argsSchema: z.object({ resourceUri: z.string() }),
  }, ({ resourceUri }) => ({
    messages: [
      user({
        type: "resource" as const,
        resource: {
          uri: resourceUri,
          mimeType: "text/plain",
          text: "Embedded resource content for testing.",
        },
      }),
      text("Please process the embedded resource above."),
    ],
  }));
  server.registerPrompt("test_prompt_with_image", { description: "Has an image" }, () => ({
    messages: [
      user({ type: "image" as const, data: PNG, mimeType: "image/png" }),
      text("Please analyze the image above."),
    ],
  }));
}
