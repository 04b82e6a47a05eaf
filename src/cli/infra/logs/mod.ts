import { CURSOR, limitFlag, PERIOD, YES } from "../../flags.ts";
import { parseInteger, parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";
import { CALLS, textFlag } from "./call_flags.ts";
import { hold } from "./hold_routes.ts";
import { lineRoutes, LINES } from "./line_routes.ts";
import { request } from "./request_routes.ts";

function argument(placeholder: string, brief: string): {
  readonly kind: "tuple";
  readonly parameters: readonly [
    {
      readonly parse: (text: string) => string;
      readonly placeholder: string;
      readonly brief: string;
    },
  ];
} {
  return { kind: "tuple", parameters: [{ parse: parseText, placeholder, brief }] };
}

const FULL = {
  full: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Print every call whole: input, output, context, all ids",
  },
} as const;

const decisions: Route = group("What was decided", {
  list: verb({
    brief: "List decisions, newest first",
    flags: {
      ...CALLS,
      decision: {
        kind: "enum",
        values: ["allow", "deny"],
        optional: true,
        brief: "Only these",
      },
      policy: textFlag("NAME", "Decided by this policy, e.g. `secret_detection`"),
      ...limitFlag(20),
      ...CURSOR,
    },
    examples: [
      { line: "infra logs decisions list --decision deny --since 24h" },
      { line: "infra logs decisions list --tool Bash --user ada" },
    ],
    exits: ["unavailable"],
    load: () => import("./decisions_list.ts"),
  }),
  show: verb({
    brief: "Explain one decision",
    positional: argument("id", "Request id, or enough of its beginning"),
    flags: FULL,
    examples: [{ line: "infra logs decisions show 01a2077124" }],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./decisions_show.ts"),
  }),
});

const trace: Route = group("Calls that belong together", {
  list: verb({
    brief: "List traces, the latest first",
    flags: { ...CALLS, ...limitFlag(20), ...CURSOR },
    examples: [{ line: "infra logs trace list --since 1h --agent reviewer" }],
    exits: ["unavailable"],
    load: () => import("./trace_list.ts"),
  }),
  show: verb({
    brief: "Print everything that happened in a trace, in order",
    positional: argument("trace-id", "Trace id, or enough of its beginning"),
    flags: limitFlag(1000),
    examples: [{ line: "infra logs trace show 4bf92f3577b34da6" }],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./trace_show.ts"),
  }),
});

const tools: Route = group("What tools were called", {
  list: verb({
    brief:
      "List calls of tools, newest first: what was denied, what ran, how long, what came of it",
    flags: {
      ...CALLS,
      server: textFlag("NAME", "Of this MCP server"),
      name: textFlag("NAME", "The same as --tool"),
      status: {
        kind: "enum",
        values: ["denied", "open", "ok", "error", "cancelled", "timeout"],
        optional: true,
        brief: "What became of it",
      },
      ...limitFlag(20),
      ...CURSOR,
    },
    examples: [
      { line: "infra logs tools list --limit 10" },
      { line: "infra logs tools list --server demo-files --since 1h --json" },
    ],
    exits: ["unavailable"],
    load: () => import("./tools_list.ts"),
  }),
});

export const logs: Route = group("Read, prove and export the audit; read and send log lines", {
  hold,
  ...lineRoutes,
  audit: verb({
    brief: "Explain calls: who asked, every rule, what ran, what came back, what it cost",
    description:
      "Takes a request id, a trace id or a session id, or the beginning of one. One call prints as a\n" +
      "card; several print as a table, or all whole with --full.",
    positional: argument("id", "Request, trace or session id, or its beginning"),
    flags: { ...FULL, ...limitFlag(50) },
    examples: [
      { line: "infra logs audit 01a20771-1d73-75b6-84c0-373edfc4232a" },
      { line: "infra logs audit 01a20771 --full", says: "a beginning is enough" },
    ],
    exits: ["notFound", "unavailable"],
    load: () => import("./audit.ts"),
  }),
  decisions,
  request,
  tools,
  trace,
  summary: verb({
    brief: "Count what there is: audit rows by decision and policy, log lines by level and module",
    flags: PERIOD,
    examples: [{ line: "infra logs summary --since 24h" }],
    exits: ["unavailable"],
    load: () => import("./summary.ts"),
  }),
  stream: verb({
    brief: "Print each row of the log as it is committed, until interrupted",
    description:
      "Rows of the audit, or with --source logs (as with --level and --module) log lines of every replica.",
    flags: {
      source: {
        kind: "enum",
        values: ["audit", "logs"],
        default: "audit",
        brief: "Rows of the audit, or log lines",
      },
      ...LINES,
      interval: {
        kind: "parsed",
        parse: parseInteger(50, 60_000),
        default: "1000",
        placeholder: "MS",
        brief: "Milliseconds between looks",
      },
      clear: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Empty the screen first",
      },
      decision: textFlag("NAME", "Only these: allow, deny, ok, error"),
      session: textFlag("ID", "Of this session"),
      user: textFlag("ID", "Of this user"),
    },
    examples: [
      { line: "infra logs stream" },
      { line: "infra logs stream --level warn", says: "log lines" },
      { line: "infra logs stream --decision deny --json", says: "one JSON document a line" },
    ],
    exits: ["unavailable"],
    load: () => import("./stream.ts"),
  }),
  verify: verb({
    brief: "Prove that no row was changed, removed or inserted, and say where one was",
    description:
      "Recomputes every hash from the stored rows, checks every seal, and compares the log with the copies\n" +
      "of the seals outside the database. With --bundle it needs neither database nor network.",
    flags: {
      ...PERIOD,
      bundle: textFlag("FILE", "Verify an exported bundle; - reads standard input"),
      key: textFlag(
        "KEY",
        "Accept seals of this key only: its 16-digit id, or a file with the public key",
      ),
      writer: textFlag("NAME", "Check this chain only"),
    },
    examples: [
      { line: "infra logs verify" },
      { line: "infra logs verify --bundle audit.bundle --key 34750f98bd59fcfc" },
    ],
    exits: ["notFound", "invalid", "unavailable"],
    load: () => import("./verify.ts"),
  }),
  export: verb({
    brief: "Write rows to a file, as a bundle that proves itself or as plain lines",
    flags: {
      format: {
        kind: "enum",
        values: ["bundle", "jsonl", "json", "csv", "ecs", "ocsf"],
        optional: true,
        brief: "bundle: rows with their proof (default); ecs, ocsf: lines as SIEMs read them",
      },
      source: {
        kind: "enum",
        values: ["audit", "logs"],
        default: "audit",
        brief: "Rows of the audit, or log lines (as with --level and --module)",
      },
      ...LINES,
      ...PERIOD,
      session: textFlag("ID", "Of this session"),
      limit: {
        kind: "parsed",
        parse: parseInteger(1, Number.MAX_SAFE_INTEGER),
        optional: true,
        placeholder: "N",
        brief: "Log lines, at most; all unless given",
      },
      output: textFlag("FILE", "Where to; standard output unless given"),
      resume: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Go on with an export to this file that ended early",
      },
    },
    aliases: { f: "format", o: "output" },
    examples: [
      { line: "infra logs export --since 7d --output week.bundle" },
      { line: "infra logs export --session s-01a2 --format jsonl" },
      { line: "infra logs export --source logs --level warn --format csv" },
    ],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    load: () => import("./export.ts"),
  }),
  fork: verb({
    brief: "Go on after the log lost rows (a restored backup), and record that decision",
    description:
      "Signs what was lost, writes it into the log and beside the copies of the seals, and gives each\n" +
      "chain a new epoch. The service must not run.",
    flags: {
      reason: {
        kind: "parsed",
        parse: parseText,
        placeholder: "TEXT",
        brief: "Why; stands in the log",
      },
      ...YES,
    },
    examples: [{
      line: 'infra logs fork --reason "disk died, restored last night\'s backup" --yes',
    }],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    load: () => import("./fork.ts"),
  }),
}, { aliases: { follow: "stream" } });
