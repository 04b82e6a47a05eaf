import { TIERS } from "../../../kernel/tiers.ts";
import { limitFlag, YES } from "../../flags.ts";
import { parseLength, parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";
import { AUDIENCE_WORDS, OFFSET, textFlag } from "../users/flags.ts";

const KEY = {
  kind: "tuple",
  parameters: [{ parse: parseText, placeholder: "key", brief: "Id, prefix, session, or name" }],
} as const;

const EXITS = ["notFound", "failure", "invalid", "denied", "unavailable"] as const;

export const keys: Route = group("API keys of service accounts and users", {
  create: verb({
    brief: "Make a key and print it, alone, on standard output, this once",
    description:
      "It opens what --audience says, and of that what --scope says of what its role may. What is kept is its " +
      "hash. At MCP servers it is what an access token with its scopes would be.",
    flags: {
      user: {
        kind: "parsed",
        parse: parseText,
        placeholder: "USER",
        brief: "Whose key: a service account or a user, by id, email or name",
      },
      name: { kind: "parsed", parse: parseText, placeholder: "TEXT", brief: "What people call it" },
      audience: {
        kind: "enum",
        values: AUDIENCE_WORDS,
        variadic: ",",
        brief: "What it opens; separated by commas or repeated",
      },
      scope: {
        kind: "parsed",
        parse: parseText,
        variadic: ",",
        placeholder: "SCOPE",
        brief: "Permissions (audit:read, users:*) and scopes of MCP servers it reaches; * for all",
      },
      role: {
        kind: "enum",
        values: TIERS,
        optional: true,
        brief: "One of the user's roles or below; its highest unless given",
      },
      ttl: {
        kind: "parsed",
        parse: parseLength,
        optional: true,
        placeholder: "TIME",
        brief: "How long it is good: 90d unless given, 1m to 366d",
      },
      agent: textFlag("The agent that its calls are bound to"),
      device: textFlag("The device it is for: a ban of the device is a ban of the key"),
    },
    examples: [
      {
        line:
          "admin keys create --user ci --name deploy --audience hook --scope hooks:govern,calls:*",
      },
      {
        line: "admin keys create --user ci --name audit --audience api --scope audit:read --ttl 7d",
      },
    ],
    exits: EXITS,
    load: () => import("./create.ts"),
  }),
  list: verb({
    brief: "List keys, newest first, with when they were used last",
    flags: {
      user: textFlag("Only those of this user"),
      active: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Only those neither revoked nor expired",
      },
      ...limitFlag(50),
      ...OFFSET,
    },
    examples: [{ line: "admin keys list --active" }],
    exits: EXITS,
    load: () => import("./list.ts"),
  }),
  show: verb({
    brief: "Show a key, never its text",
    positional: KEY,
    examples: [{ line: "admin keys show spgk_1f0c9a2b7d3e" }],
    exits: EXITS,
    load: () => import("./show.ts"),
  }),
  check: verb({
    brief: "Say whether a key on standard input is good, and for whom",
    flags: {
      audience: { kind: "enum", values: AUDIENCE_WORDS, default: "api", brief: "At what" },
    },
    examples: [{ line: "admin keys check --audience hook < key.txt" }],
    exits: EXITS,
    load: () => import("./check.ts"),
  }),
  rotate: verb({
    brief: "Make a new key in the place of one that ends at once",
    positional: KEY,
    flags: { ...YES },
    examples: [{ line: "admin keys rotate deploy --yes" }],
    exits: EXITS,
    load: () => import("./rotate.ts"),
  }),
  revoke: verb({
    brief: "End a key, everywhere within a second",
    positional: KEY,
    flags: { ...YES },
    examples: [{ line: "admin keys revoke spgk_1f0c9a2b7d3e --yes" }],
    exits: EXITS,
    load: () => import("./revoke.ts"),
  }),
});
