import type { RunStatus } from "../../../jobs/mod.ts";
import { CURSOR, DRY_RUN, limitFlag } from "../../flags.ts";
import { parseInteger, parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";

/** Written out: the list of verbs loads nothing of what they do. */
const STATUSES = [
  "queued",
  "running",
  "ok",
  "failed",
  "timeout",
  "cancelled",
  "lost",
  "skipped",
] as const satisfies readonly RunStatus[];

const JOB = {
  kind: "tuple",
  parameters: [{ parse: parseText, placeholder: "job", brief: 'A job, see "infra jobs list"' }],
} as const;

const SWITCH_EXITS = ["failure", "notFound", "unavailable"] as const;
const RUN_EXITS = ["failure", "notFound", "invalid", "unavailable"] as const;

const cleanupSessions = verb({
  brief: "End sessions that were not used for a while",
  flags: {
    hours: {
      kind: "parsed",
      parse: parseInteger(1, 24 * 365),
      default: "1",
      placeholder: "N",
      brief: "Not used for this many hours",
    },
    ...DRY_RUN,
  },
  examples: [{ line: "infra jobs cleanup-sessions --hours 12 --dry-run" }],
  exits: RUN_EXITS,
  load: () => import("./cleanup_sessions.ts"),
});

export const jobs: Route = group("What is done on a schedule", {
  list: verb({
    brief: "List jobs, when they run next and how they fared",
    examples: [{ line: "infra jobs list" }],
    exits: ["unavailable"],
    load: () => import("./list.ts"),
  }),
  show: verb({
    brief: "Show a job, its next times and its newest runs",
    positional: JOB,
    examples: [{ line: "infra jobs show audit-retention" }],
    exits: ["notFound", "unavailable"],
    load: () => import("./show.ts"),
  }),
  run: verb({
    brief: "Run jobs now and wait until they are over",
    description:
      "The running service does it; progress is shown on standard error. Ending this command leaves the runs " +
      'alone: "infra jobs cancel" ends them. Exit status 1 when one of them does not succeed.',
    positional: {
      kind: "array",
      parameter: { parse: parseText, placeholder: "jobs", brief: 'Jobs, see "infra jobs list"' },
    },
    flags: {
      all: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Every job that is switched on",
      },
      tag: {
        kind: "parsed",
        parse: parseText,
        optional: true,
        placeholder: "TAG",
        brief: "Every job with this tag",
      },
      sequential: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "One after the other, in the order given",
      },
      param: {
        kind: "parsed",
        parse: parseText,
        variadic: true,
        optional: true,
        placeholder: "KEY=VALUE",
        brief: "Instead of what the configuration says",
      },
    },
    aliases: { p: "param" },
    examples: [
      { line: "infra jobs run audit-partitions" },
      { line: "infra jobs run log-cleanup --param dry_run=true" },
    ],
    exits: RUN_EXITS,
    load: () => import("./run.ts"),
  }),
  history: verb({
    brief: "List runs, newest first",
    flags: {
      job: {
        kind: "parsed",
        parse: parseText,
        optional: true,
        placeholder: "JOB",
        brief: "Of this job",
      },
      status: { kind: "enum", values: STATUSES, optional: true, brief: "With this status" },
      ...limitFlag(20),
      ...CURSOR,
    },
    aliases: { n: "limit" },
    examples: [{ line: "infra jobs history --job database-backup --status failed" }],
    exits: ["notFound", "invalid", "unavailable"],
    load: () => import("./history.ts"),
  }),
  enable: verb({
    brief: "Switch a job on at every replica, whatever the configuration says",
    positional: JOB,
    examples: [{ line: "infra jobs enable unused-clients" }],
    exits: SWITCH_EXITS,
    load: async () => (await import("./switch.ts")).enable,
  }),
  disable: verb({
    brief: "Switch a job off at every replica, whatever the configuration says",
    positional: JOB,
    examples: [{ line: "infra jobs disable unused-clients" }],
    exits: SWITCH_EXITS,
    load: async () => (await import("./switch.ts")).disable,
  }),
  cancel: verb({
    brief: "End a run that is under way or waits",
    positional: {
      kind: "tuple",
      parameters: [{
        parse: parseText,
        placeholder: "run",
        brief: "Id of a run or its beginning, or a job of which one is under way",
      }],
    },
    examples: [{ line: "infra jobs cancel database-backup" }],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./cancel.ts"),
  }),
  cleanupSessions,
  sessionCleanup: cleanupSessions,
  logCleanup: verb({
    brief: "Remove old log lines",
    flags: {
      days: {
        kind: "parsed",
        parse: parseInteger(0, 3650),
        default: "30",
        placeholder: "N",
        brief: "Older than this many days",
      },
      ...DRY_RUN,
    },
    examples: [{ line: "infra jobs log-cleanup --days 7 --dry-run" }],
    exits: RUN_EXITS,
    load: () => import("./log_cleanup.ts"),
  }),
}, { hidden: ["sessionCleanup"] });
