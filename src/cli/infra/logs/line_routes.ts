import { LOG_LEVELS } from "../../../kernel/log.ts";
import { DRY_RUN, limitFlag, PERIOD, YES } from "../../flags.ts";
import { parseInteger, parseLength, parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";
import { textFlag } from "./call_flags.ts";

/** Which log lines are meant. */
export const LINES = {
  level: {
    kind: "enum",
    values: LOG_LEVELS,
    optional: true,
    brief: "Of this level or a more severe one",
  },
  module: textFlag("NAME", "Of this module or isolate: `mcp`, `gateway-0`"),
} as const;

const IDS = {
  trace: textFlag("ID", "Of this trace"),
  session: textFlag("ID", "Of this session"),
  user: textFlag("ID", "Of this user"),
} as const;

function name(placeholder: string, brief: string): {
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

const level: Route = group("What the running service writes down", {
  list: verb({
    brief: "List the levels in force: configured, and set while running",
    examples: [{ line: "infra logs level list" }],
    exits: ["invalid", "unavailable"],
    load: () => import("./level_list.ts"),
  }),
  set: verb({
    brief: "Set the level of a module, or of all, on every replica at once",
    description: "Holds until it is cleared, or for the time that --for says, across restarts.",
    positional: {
      kind: "tuple",
      parameters: [
        { parse: parseText, placeholder: "module", brief: "A module such as `mcp`; `*` is all" },
        { parse: parseText, placeholder: "level", brief: LOG_LEVELS.join(", ") },
      ],
    },
    flags: {
      for: {
        kind: "parsed",
        parse: parseLength,
        optional: true,
        placeholder: "TIME",
        brief: "Only for so long: 15m, 2h",
      },
    },
    examples: [
      { line: "infra logs level set mcp debug --for 15m" },
      { line: "infra logs level set '*' warn" },
    ],
    exits: ["unavailable"],
    load: () => import("./level_set.ts"),
  }),
  clear: verb({
    brief: "Go back to the configured level",
    positional: name("module", "The module; `*` is what was set for all"),
    examples: [{ line: "infra logs level clear mcp" }],
    exits: ["notFound", "unavailable"],
    load: () => import("./level_clear.ts"),
  }),
});

const sinks: Route = group("Where events are sent", {
  list: verb({
    brief: "List collectors: how far each is, what it refused, why it fails",
    examples: [{ line: "infra logs sinks list" }],
    exits: ["unavailable"],
    load: () => import("./sinks_list.ts"),
  }),
  refused: verb({
    brief: "List events that a collector will never take, by its own word",
    positional: name("sink", "Name of the collector"),
    flags: limitFlag(20),
    examples: [{ line: "infra logs sinks refused siem" }],
    exits: ["notFound", "unavailable"],
    load: () => import("./sinks_refused.ts"),
  }),
});

/** Verbs about log lines, as opposed to rows of the audit. */
export const lineRoutes: Readonly<Record<string, Route>> = {
  view: verb({
    brief: "Print the newest log lines, oldest first",
    flags: {
      ...LINES,
      ...PERIOD,
      ...IDS,
      tail: {
        kind: "parsed",
        parse: parseInteger(1, 10_000),
        optional: true,
        placeholder: "N",
        brief: "The same as --limit",
      },
      ...limitFlag(20),
    },
    aliases: { n: "limit" },
    examples: [
      { line: "infra logs view --since 1h --limit 10" },
      { line: "infra logs view --level warn --module mcp --json" },
    ],
    exits: ["unavailable"],
    load: () => import("./view.ts"),
  }),
  search: verb({
    brief: "Find log lines and calls of tools that contain a text",
    positional: name("pattern", "Text in the message, its fields or the tool's name; any case"),
    flags: {
      ...LINES,
      ...PERIOD,
      includeTools: { kind: "boolean", default: true, brief: "Calls of tools, too" },
      ...limitFlag(50),
    },
    aliases: { n: "limit" },
    examples: [{ line: "infra logs search 'cannot be reached' --since 24h" }],
    exits: ["unavailable"],
    load: () => import("./search.ts"),
  }),
  show: verb({
    brief: "Print one log line whole, or all of a trace",
    positional: name("id", "Id of a line, or a trace id or its beginning"),
    flags: limitFlag(1000),
    examples: [{ line: "infra logs show 4bf92f3577b34da6" }],
    exits: ["notFound", "unavailable"],
    load: () => import("./show.ts"),
  }),
  cleanup: verb({
    brief: "Remove old log lines; the audit is not touched",
    description: "Lines that a collector waits for stay. Give the age by one of the two flags.",
    flags: {
      olderThan: {
        kind: "parsed",
        parse: parseLength,
        optional: true,
        placeholder: "TIME",
        brief: "Older than that: 12h, 30d",
      },
      keepLastDays: {
        kind: "parsed",
        parse: parseInteger(0, 36_500),
        optional: true,
        placeholder: "DAYS",
        brief: "Older than so many days",
      },
      ...LINES,
      ...DRY_RUN,
      ...YES,
    },
    aliases: { y: "yes" },
    examples: [
      { line: "infra logs cleanup --older-than 30d --dry-run" },
      { line: "infra logs cleanup --keep-last-days 7 --yes" },
    ],
    exits: ["failure", "unavailable"],
    load: () => import("./cleanup.ts"),
  }),
  delete: verb({
    brief: "Remove every log line; the audit is not touched",
    description: "Collectors do not get what they had not taken yet.",
    flags: YES,
    aliases: { y: "yes" },
    examples: [{ line: "infra logs delete --yes" }],
    exits: ["failure", "unavailable"],
    load: () => import("./delete.ts"),
  }),
  level,
  sinks,
};
