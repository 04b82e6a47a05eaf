import { TIERS } from "../../../kernel/tiers.ts";
import { limitFlag, YES } from "../../flags.ts";
import { parseLength, parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";
import { AUDIENCE_WORDS, OFFSET } from "../users/flags.ts";

const SESSION_ID = {
  kind: "tuple",
  parameters: [{
    parse: parseText,
    placeholder: "session-id",
    optional: true,
    brief: "Id of a session",
  }],
} as const;

function userFlag(brief: string, placeholder = "USER"): {
  readonly kind: "parsed";
  readonly parse: (text: string) => string;
  readonly optional: true;
  readonly placeholder: string;
  readonly brief: string;
} {
  return { kind: "parsed", parse: parseText, optional: true, placeholder, brief };
}

export const session: Route = group("Sessions and the tokens that open them", {
  token: verb({
    brief: "Open a session and print its token, alone, on standard output",
    description:
      "Every call opens a session of its own. Without --user the local operator is the user. A role may be " +
      "narrowed, never raised.",
    flags: {
      user: userFlag("Whose session: id, email or name"),
      role: {
        kind: "enum",
        values: TIERS,
        optional: true,
        brief: "One of the user's roles or below; its highest unless given",
      },
      audience: {
        kind: "enum",
        values: AUDIENCE_WORDS,
        default: "hook",
        brief: "What the token opens",
      },
      ttl: {
        kind: "parsed",
        parse: parseLength,
        optional: true,
        placeholder: "TIME",
        brief: "How long it is good: 1h unless given, 1s to 366d; for an MCP server at most 15m",
      },
      server: userFlag(
        "The MCP server that a token of the audience mcp is for; all for every server",
        "NAME",
      ),
      url: {
        kind: "parsed",
        parse: parseText,
        optional: true,
        placeholder: "URL",
        brief:
          "How the server will be addressed; server.public_url or the local address unless given",
      },
    },
    examples: [
      { line: "admin session token --role user" },
      { line: "admin session token --user ada --audience api --ttl 8h" },
      { line: "admin session token --audience mcp --server github" },
    ],
    exits: ["failure", "notFound", "denied", "unavailable"],
    load: () => import("./token.ts"),
  }),
  show: verb({
    brief: "Show a session, or whom a token on standard input belongs to",
    positional: SESSION_ID,
    examples: [
      { line: "admin session show sess_019a0b1c-…" },
      { line: "admin session show < token.txt", says: "is this token good, and whose is it" },
    ],
    exits: ["notFound", "denied", "unavailable"],
    load: () => import("./show.ts"),
  }),
  list: verb({
    brief: "List sessions, newest first",
    flags: {
      user: userFlag("Only those of this user"),
      active: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Only those neither revoked nor expired",
      },
      ...limitFlag(50),
      ...OFFSET,
    },
    examples: [{ line: "admin session list --active --user ada" }],
    exits: ["notFound", "failure", "unavailable"],
    load: () => import("./list.ts"),
  }),
  revoke: verb({
    brief: "End a session, those of a user, or all",
    description: "Their tokens are void everywhere within a second.",
    positional: SESSION_ID,
    flags: {
      user: userFlag("All sessions of this user"),
      all: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "All sessions of everybody",
      },
      ...YES,
    },
    examples: [
      { line: "admin session revoke sess_019a0b1c-…" },
      { line: "admin session revoke --user ada --yes" },
    ],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./revoke.ts"),
  }),
});
