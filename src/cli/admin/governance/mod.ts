import { parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";
import { TIERS } from "../../../kernel/tiers.ts";
import { ASSUMED, INPUT_FILE, nameFlag } from "./flags.ts";

/** As `STAGES` of governance names them; repeated here because a description loads nothing. */
const STAGE_WORDS = ["identity", "scope", "secrets", "blocklist", "policies", "commit"] as const;

const rules: Route = group("Every rule that may decide", {
  list: verb({
    brief: "List rules in the order of the stages",
    flags: {
      stage: { kind: "enum", values: STAGE_WORDS, optional: true, brief: "Only this stage" },
      category: nameFlag("NAME", "Only this category, provider or effect"),
      disabled: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Only those that are switched off",
      },
    },
    examples: [
      { line: "admin governance rules list --stage blocklist" },
      { line: "admin governance rules list --disabled --json" },
    ],
    exits: ["notFound", "invalid"],
    load: () => import("./rules/list.ts"),
  }),
  show: verb({
    brief: "Show one rule with its definition",
    positional: {
      kind: "tuple",
      parameters: [{ parse: parseText, placeholder: "id", brief: "Id, or its unique end" }],
    },
    examples: [{ line: "admin governance rules show blocklist.shell.rm_recursive" }],
    exits: ["notFound", "invalid"],
    load: () => import("./rules/show.ts"),
  }),
});

const policies: Route = group("Policies in Cedar", {
  list: verb({
    brief: "List policies with effect and place",
    examples: [{ line: "admin governance policies list" }],
    exits: ["notFound", "invalid"],
    load: () => import("./policies/list.ts"),
  }),
  validate: verb({
    brief: "Parse policies and check them against their schema",
    description: "Each problem is file:line:column and what Cedar says. Nothing is put in force.",
    positional: {
      kind: "tuple",
      parameters: [{
        parse: parseText,
        placeholder: "folder",
        optional: true,
        brief: "A folder of *.cedar files and schema.cedarschema; the configured one unless given",
      }],
    },
    examples: [
      { line: "admin governance policies validate" },
      { line: "admin governance policies validate ./drafts" },
    ],
    exits: ["notFound", "invalid"],
    load: () => import("./policies/validate.ts"),
  }),
});

const secrets: Route = group("Kinds of credentials that no call may carry", {
  list: verb({
    brief: "List the kinds that are looked for",
    flags: { provider: nameFlag("NAME", "Only kinds of providers whose name contains this") },
    examples: [{ line: "admin governance secrets list --provider github" }],
    exits: ["notFound", "invalid"],
    load: () => import("./secrets/list.ts"),
  }),
  test: verb({
    brief: "Look for secrets in a file or on standard input",
    description:
      "Prints kind, path, length, keyed fingerprint and what had to be decoded; never a character of a value.\n" +
      "Ends with status 4 when something was found.",
    positional: INPUT_FILE,
    examples: [
      { line: "admin governance secrets test .env" },
      { line: "admin governance secrets test < payload.json" },
    ],
    exits: ["notFound", "denied", "invalid"],
    load: () => import("./secrets/test.ts"),
  }),
});

const blocklist: Route = group("Destructive operations", {
  list: verb({
    brief: "List the rules of the blocklist",
    flags: { category: nameFlag("NAME", "Only this category") },
    examples: [{ line: "admin governance blocklist list --category git" }],
    exits: ["notFound", "invalid"],
    load: () => import("./blocklist/list.ts"),
  }),
  test: verb({
    brief: "Say whether the blocklist would stop a call",
    description:
      "The call is a hook payload, or a tool by --tool, or a shell command by --shell. Ends with status 4\n" +
      "when it is blocked.",
    positional: INPUT_FILE,
    flags: {
      shell: nameFlag("COMMAND", "A shell command, as the tool Bash is given one"),
      tool: nameFlag("NAME", "Name of a tool, as the client calls it"),
      ...ASSUMED,
    },
    examples: [
      { line: `admin governance blocklist test --shell "rm -rf build"` },
      { line: "admin governance blocklist test --tool mcp__db__drop_table" },
      { line: "admin governance blocklist test payload.json --role admin" },
    ],
    exits: ["notFound", "denied", "invalid"],
    load: () => import("./blocklist/test.ts"),
  }),
});

const limits: Route = group("How much a caller may do", {
  show: verb({
    brief: "Show calls per window and role, budgets and prices",
    flags: {
      role: { kind: "enum", values: TIERS, optional: true, brief: "Only this role" },
    },
    examples: [{ line: "admin governance limits show --role user" }],
    exits: ["notFound", "invalid"],
    load: () => import("./limits/show.ts"),
  }),
});

export const governance: Route = group("What decides about calls, and trying it out", {
  test: verb({
    brief: "Decide about a hook payload without recording or charging anything",
    description:
      "Reads the payload of a hook (PreToolUse, UserPromptSubmit, …) and prints each rule with verdict,\n" +
      "detail and microseconds (of code that is warm), then the decision. Needs no running service. Ends\n" +
      "with status 4 when the call would be denied.",
    positional: INPUT_FILE,
    flags: {
      user: {
        kind: "parsed",
        parse: parseText,
        default: "operator",
        placeholder: "ID",
        brief: "Id of the user who calls",
      },
      ...ASSUMED,
    },
    examples: [
      { line: "admin governance test payload.json" },
      { line: "admin governance test --role service --agent reviewer < payload.json" },
    ],
    exits: ["notFound", "denied", "invalid"],
    load: () => import("./test.ts"),
  }),
  rules,
  policies,
  secrets,
  blocklist,
  limits,
});
