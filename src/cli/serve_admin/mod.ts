import { parseText } from "../parse.ts";
import { type Route, verb } from "../verb.ts";

/** What the built-in server `admin` runs: this command line, verb by verb, as tools. */
export const serveAdmin: Route = verb({
  brief: "Serve verbs of the command line as MCP tools on standard input and output",
  positional: {
    kind: "array",
    parameter: {
      parse: parseText,
      placeholder: "tool",
      brief: "Tools that change something and are offered all the same",
    },
  },
  examples: [{ line: "serve-admin admin_session_revoke" }],
  exits: ["failure", "usage"],
  load: () => import("./serve_admin.ts"),
});
