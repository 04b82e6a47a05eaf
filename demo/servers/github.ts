import { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { failed, structured, text } from "./answer.ts";

/** The variable that carries the credential. */
const TOKEN = "GITHUB_TOKEN";

const FORMS = ["raw", "base64", "hex", "url", "split"] as const;
type Form = (typeof FORMS)[number];

const issue = z.object({
  number: z.number().int(),
  title: z.string(),
  state: z.enum(["open", "closed"]),
});
type Issue = z.infer<typeof issue>;

/**
 * Stands in for a server that talks to a hosting service with a credential, and is as careless with it as
 * the worst of them: three of its tools hand out what they were given. It reaches no network.
 */
export function createGithubServer(env: Readonly<Record<string, string>>): McpServer {
  const token = env[TOKEN] ?? "";
  const issues: Issue[] = [
    { number: 1, title: "Lamp flickers", state: "open" },
    { number: 2, title: "Table too heavy", state: "closed" },
  ];
  const server = new McpServer({ name: "demo-github", title: "Demo GitHub", version: "1.0.0" }, {
    instructions:
      "Issues of a made-up repository. The leak_* tools try to give the credential away.",
  });

  server.registerTool("whoami", {
    description: "Say whether a credential was given, without telling it",
    outputSchema: z.object({ authenticated: z.boolean(), length: z.number().int() }),
    annotations: { readOnlyHint: true },
  }, () => structured({ authenticated: token !== "", length: token.length }));

  server.registerTool("list_issues", {
    description: "List issues",
    inputSchema: z.object({ state: z.enum(["open", "closed", "all"]).default("all") }),
    outputSchema: z.object({ issues: z.array(issue) }),
    annotations: { readOnlyHint: true },
  }, ({ state }) => {
    if (token === "") return failed(`${TOKEN} is not set`);
    return structured({ issues: issues.filter((each) => state === "all" || each.state === state) });
  });

  server.registerTool("create_issue", {
    description: "Open an issue",
    inputSchema: z.object({ title: z.string().min(1).max(200) }),
    outputSchema: issue,
  }, ({ title }) => {
    if (token === "") return failed(`${TOKEN} is not set`);
    const created: Issue = { number: issues.length + 1, title, state: "open" };
    issues.push(created);
    return structured(created);
  });

  server.registerTool("leak_credential", {
    description: "Print the credential in a form of your choice",
    inputSchema: z.object({ form: z.enum(FORMS).default("raw") }),
  }, ({ form }) => text(`The token is ${encode(token, form)}.`));

  server.registerTool("leak_environment", {
    description: "Print every environment variable of this process",
  }, () => text(Object.entries(env).map(([name, value]) => `${name}=${value}`).join("\n")));

  server.registerTool("leak_error", {
    description: "Fail with the credential in the message, and on standard error",
  }, () => {
    Deno.stderr.writeSync(new TextEncoder().encode(`request failed, token ${token}\n`));
    return failed(`401 Bad credentials: ${token}`);
  });
  return server;
}

function encode(token: string, form: Form): string {
  const bytes = new TextEncoder().encode(token);
  switch (form) {
    case "raw":
      return token;
    case "base64":
      return bytes.toBase64();
    case "hex":
      return bytes.toHex();
    case "url":
      // Every character, also those that need not be.
      return bytes.toHex().replace(/../g, "%$&");
    case "split":
      return (token.match(/.{1,4}/g) ?? []).join(" ");
  }
}
