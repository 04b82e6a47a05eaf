import { parseText } from "../parse.ts";
import { type Route, verb } from "../verb.ts";

/** What the configuration of the demo servers starts, so that they need nothing but this program. */
export const serveDemo: Route = verb({
  brief: "Serve an MCP server for demonstrations on standard input and output",
  positional: {
    kind: "tuple",
    parameters: [{ parse: parseText, placeholder: "name", brief: "echo, files or github" }],
  },
  examples: [{ line: "serve-demo files" }],
  exits: ["failure", "notFound"],
  load: () => import("./serve_demo.ts"),
});
