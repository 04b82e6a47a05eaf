import { DRY_RUN, YES } from "../../flags.ts";
import { parseLength, parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";
import { TIERS } from "../../../kernel/tiers.ts";
import { nameFlag } from "../../admin/governance/flags.ts";

const DIR = nameFlag("DIR", "Folder of the project; the current one unless given");

export const hooks: Route = group("How agent clients ask the appliance", {
  install: verb({
    brief: "Point a client's hooks at this appliance",
    description:
      "Writes HTTP hooks that block when nobody answers, with a session and token of their own, into the\n" +
      "client's settings: ~/.claude/settings.json, or <dir>/.claude/settings.local.json, which is kept out of\n" +
      "version control. What else stands in the file stays. Doing it again renews what has changed or is\n" +
      "about to expire. The MCP gateway goes into ~/.claude.json, for the user or for the project, as an\n" +
      "address without a token.",
    positional: {
      kind: "tuple",
      parameters: [{ parse: parseClient, placeholder: "client", brief: "claude-code" }],
    },
    flags: {
      scope: {
        kind: "enum",
        values: ["user", "project"] as const,
        optional: true,
        brief:
          "For everything this user does, or for one project (default user; project with --dir)",
      },
      dir: DIR,
      pluginId: {
        kind: "parsed",
        parse: parseText,
        default: "claude-code",
        placeholder: "ID",
        brief: "Plugin that rows and rules name",
      },
      url: nameFlag("URL", "Address of the appliance as the client reaches it"),
      user: nameFlag("USER", "Whose session: id, email or name; the local operator unless given"),
      role: {
        kind: "enum",
        values: TIERS,
        optional: true,
        brief: "Role of the token; user for the local operator, else the user's highest",
      },
      ttl: {
        kind: "parsed",
        parse: parseLength,
        default: "30d",
        placeholder: "TIME",
        brief: "How long the token is good",
      },
      mcp: { kind: "boolean", default: true, brief: "The MCP gateway, too (--no-mcp: hooks only)" },
      ...DRY_RUN,
      ...YES,
    },
    examples: [
      { line: "core hooks install claude-code" },
      { line: "core hooks install claude-code --scope project --dir ~/work/shop --yes" },
    ],
    exits: ["failure", "notFound", "denied", "invalid", "unavailable"],
    load: () => import("./install.ts"),
  }),
  list: verb({
    brief: "List the hooks in the settings of this user and of a project",
    flags: { dir: DIR },
    examples: [{ line: "core hooks list" }, { line: "core hooks list --dir ~/work/shop --json" }],
    exits: ["notFound", "invalid"],
    load: () => import("./list.ts"),
  }),
  validate: verb({
    brief: "Check that hooks would really be asked, and would block when nobody answers",
    description:
      "Shapes that clients refuse or ignore, hooks that fail open or say not who they are, addresses where\n" +
      "nobody answers, tokens that have expired, were revoked or are for something else. Ends with status 5\n" +
      "when calls would go ungoverned.",
    positional: {
      kind: "tuple",
      parameters: [{
        parse: parseText,
        placeholder: "file",
        optional: true,
        brief: "A settings or plugin file, JSON or YAML; the user's and the project's unless given",
      }],
    },
    flags: { dir: DIR },
    examples: [
      { line: "core hooks validate" },
      { line: "core hooks validate plugins/demo/hooks.json" },
    ],
    exits: ["notFound", "invalid"],
    load: () => import("./validate.ts"),
  }),
  fire: verb({
    brief: "Send a hook's payload to the running appliance and print its decision",
    description:
      "With a session of its own that lasts a minute. This is a real call: it is recorded, and counts against\n" +
      "limits. Ends with status 4 when it is denied.",
    positional: {
      kind: "tuple",
      parameters: [{ parse: parseText, placeholder: "event", brief: "PreToolUse, …" }],
    },
    flags: {
      tool: nameFlag("NAME", "Tool that is called; Bash unless given"),
      input: nameFlag("JSON|-", "Its arguments, or what it answered; - reads standard input"),
      prompt: nameFlag("TEXT", "What the user typed"),
      user: nameFlag("USER", "Who calls: id, email or name; the local operator unless given"),
      role: {
        kind: "enum",
        values: TIERS,
        optional: true,
        brief: "Role of the token; user for the local operator, else the user's highest",
      },
      agent: nameFlag("NAME", "Agent that calls"),
      pluginId: nameFlag("ID", "Plugin that the hook belongs to"),
    },
    examples: [
      { line: `core hooks fire PreToolUse --tool Bash --input '{"command":"rm -rf /"}'` },
      { line: `core hooks fire UserPromptSubmit --prompt "hello"` },
    ],
    exits: ["notFound", "denied", "invalid", "unavailable"],
    load: () => import("./fire.ts"),
  }),
});

function parseClient(text: string): "claude-code" {
  if (text === "claude-code") return text;
  throw new Error(`Cannot install hooks for ${JSON.stringify(text)}: expected claude-code`);
}
