import { nameFlag } from "../../admin/governance/flags.ts";
import { TIERS } from "../../../kernel/tiers.ts";
import { DRY_RUN, limitFlag, YES } from "../../flags.ts";
import { parseLength, parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";

/** A server's name as the first argument. */
const SERVER = { parse: parseText, placeholder: "server", brief: "Name of a server" } as const;
const SERVER_OR_ALL = { ...SERVER, brief: "Name of a server, or all" } as const;
const ANY_SERVER = {
  ...SERVER,
  optional: true,
  brief: "Name of a server; every one unless given",
} as const;

/** Who calls, where that is not the operator. */
const CALLER = {
  user: nameFlag("USER", "Who calls: id, email or name; the local operator unless given"),
  role: {
    kind: "enum",
    values: TIERS,
    optional: true,
    brief: "Role of the token; the user's highest unless given",
  },
} as const;

function timeoutFlag(fallback: string): {
  readonly timeout: {
    readonly kind: "parsed";
    readonly parse: (text: string) => number;
    readonly default: string;
    readonly placeholder: string;
    readonly brief: string;
  };
} {
  return {
    timeout: {
      kind: "parsed",
      parse: parseLength,
      default: fallback,
      placeholder: "TIME",
      brief: "How long an answer may take",
    },
  };
}

function yesNo(brief: string): {
  readonly kind: "boolean";
  readonly default: false;
  readonly withNegated: false;
  readonly brief: string;
} {
  return { kind: "boolean", default: false, withNegated: false, brief };
}

export const mcp: Route = group("MCP servers behind the gateway", {
  list: verb({
    brief: "List the servers that are declared in services/mcp",
    flags: {
      enabled: yesNo("Only those that are enabled"),
      disabled: yesNo("Only those that are not"),
    },
    examples: [{ line: "plugins mcp list" }, { line: "plugins mcp list --enabled --json" }],
    exits: ["invalid"],
    load: () => import("./list.ts"),
  }),
  status: verb({
    brief: "Say what runs behind the gateway, how confined it is, and what failed",
    description:
      "A server without a process is idle: the next call starts one. Ends with status 6 when a server failed\n" +
      "and is not tried again yet, or cannot be confined as its configuration demands.",
    flags: { server: nameFlag("NAME", "Only this one") },
    examples: [{ line: "plugins mcp status" }, { line: "plugins mcp status --server demo-files" }],
    exits: ["notFound", "denied", "unavailable"],
    load: () => import("./status.ts"),
  }),
  tools: verb({
    brief: "List the tools of the servers, and whether they are as they were approved",
    description:
      "Asks each server through the gateway, as the caller: what it may not call is not listed. A tool that\n" +
      "changed since it was approved, or that is new, is hidden from clients and denied until it is approved.",
    positional: { kind: "tuple", parameters: [ANY_SERVER] },
    flags: { ...CALLER, ...timeoutFlag("30s") },
    examples: [
      { line: "plugins mcp tools" },
      { line: "plugins mcp tools demo-files --json", says: "with descriptions and schemas" },
    ],
    exits: ["notFound", "denied", "unavailable"],
    load: () => import("./tools.ts"),
  }),
  call: verb({
    brief: "Call a tool through the gateway",
    description:
      "A real call: it is decided, recorded and counted like any client's, in a session of its own. Ends with\n" +
      "status 4 when it is denied and with 1 when the tool reports an error.",
    positional: {
      kind: "tuple",
      parameters: [SERVER_OR_ALL, {
        parse: parseText,
        placeholder: "tool",
        brief: "Name of a tool",
      }],
    },
    flags: {
      args: nameFlag("JSON|-", "Its arguments, a JSON object; - reads standard input"),
      ...CALLER,
      ...timeoutFlag("65s"),
    },
    aliases: { a: "args" },
    examples: [
      { line: `plugins mcp call demo-files read_file --args '{"path": "README.md"}'` },
      {
        line: "plugins mcp call demo-github leak_environment",
        says: "what comes back is redacted",
      },
    ],
    exits: ["failure", "notFound", "denied", "unavailable"],
    load: () => import("./call.ts"),
  }),
  logs: verb({
    brief: "Print what a server wrote to standard error, and its last calls",
    description: "Values of secrets that were handed to the server are redacted from it.",
    positional: { kind: "tuple", parameters: [SERVER] },
    flags: { ...limitFlag(20) },
    examples: [{ line: "plugins mcp logs demo-github --limit 50" }],
    exits: ["notFound", "denied", "unavailable"],
    load: () => import("./logs.ts"),
  }),
  approve: verb({
    brief: "Approve tools that are new or have changed, after showing what is different",
    description:
      "Characters that cannot be seen or look like others are written out. Without a tool everything that waits\n" +
      "is approved. Recorded in the audit.",
    positional: {
      kind: "tuple",
      parameters: [SERVER, {
        parse: parseText,
        placeholder: "tool",
        optional: true,
        brief: "Name of a tool; all that wait unless given",
      }],
    },
    flags: { ...DRY_RUN, ...YES },
    examples: [
      { line: "plugins mcp approve demo-files --dry-run", says: "what waits" },
      { line: "plugins mcp approve demo-files read_file --yes" },
    ],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./approve.ts"),
  }),
  restart: verb({
    brief: "End a server's processes or sessions, and forget its failures",
    description: "What is under way fails. The next call starts the server again.",
    positional: { kind: "tuple", parameters: [SERVER] },
    examples: [{ line: "plugins mcp restart demo-files" }],
    exits: ["notFound", "denied", "unavailable"],
    load: () => import("./restart.ts"),
  }),
  validate: verb({
    brief: "Check that servers answer: connect, discover, list their tools",
    description:
      "Ends with status 6 when one does not answer, with 5 when the configuration is not valid.",
    positional: { kind: "tuple", parameters: [ANY_SERVER] },
    flags: { ...timeoutFlag("10s") },
    examples: [{ line: "plugins mcp validate" }, {
      line: "plugins mcp validate demo-files --json",
    }],
    exits: ["notFound", "invalid", "unavailable"],
    load: () => import("./validate.ts"),
  }),
  connect: verb({
    brief: "Write the gateway into an agent client's configuration",
    description:
      "For claude-code: ~/.claude.json, for this user everywhere or in one project, or a project's .mcp.json;\n" +
      "for claude-desktop: its configuration file; otherwise the path of an mcp.json. Other entries stay, and\n" +
      "what the file held before is kept beside it as <file>.before-spgov.\n\n" +
      "By default the client is given an address and signs in by itself (OAuth). --helper has Claude Code fetch\n" +
      "a token of the local operator whenever it connects; --stdio has the client start this program, which does\n" +
      "the same; --token writes a token that is good for 15 minutes.",
    positional: {
      kind: "tuple",
      parameters: [{
        parse: parseText,
        placeholder: "client",
        brief: "claude-code, claude-desktop or the path of an mcp.json",
      }],
    },
    flags: {
      scope: {
        kind: "enum",
        values: ["user", "local", "project"] as const,
        optional: true,
        brief: "Of claude-code: this user everywhere, this user in one project, everybody in it",
      },
      dir: nameFlag("DIR", "Folder of the project; the current one unless given"),
      server: {
        kind: "parsed",
        parse: parseText,
        variadic: true,
        optional: true,
        placeholder: "NAME",
        brief: "An entry for this server; one for everything unless given",
      },
      url: nameFlag("URL", "Address of the appliance as the client reaches it"),
      helper: yesNo("A command for the headers instead of signing in"),
      stdio: yesNo("A command instead of an address"),
      token: yesNo("A token instead of signing in"),
      ...DRY_RUN,
      ...YES,
    },
    examples: [
      { line: "plugins mcp connect claude-code" },
      { line: "plugins mcp connect claude-code --dir ~/work/shop --helper --yes" },
      { line: "plugins mcp connect claude-desktop" },
      { line: "plugins mcp connect .vscode/mcp.json --server demo-files --dry-run" },
    ],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    load: () => import("./connect.ts"),
  }),
  stdio: verb({
    brief:
      "Connect standard input and output with the gateway, for clients that only start commands",
    description:
      "Messages are passed on as they are, with tokens of the local operator that are fetched as needed. Ends\n" +
      "when the input ends.",
    positional: { kind: "tuple", parameters: [SERVER_OR_ALL] },
    flags: CALLER,
    examples: [{ line: "plugins mcp stdio all" }],
    exits: ["notFound", "denied", "unavailable"],
    load: () => import("./stdio.ts"),
  }),
  headers: verb({
    brief:
      "Print a token of the local operator as headers in JSON, for clients that run a command for them",
    positional: { kind: "tuple", parameters: [SERVER_OR_ALL] },
    flags: CALLER,
    examples: [{ line: "plugins mcp headers all" }],
    exits: ["notFound", "denied", "unavailable"],
    load: () => import("./headers.ts"),
  }),
});
