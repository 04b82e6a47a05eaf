import { CURSOR, limitFlag, PERIOD } from "../../flags.ts";
import { textFlag } from "../../infra/logs/call_flags.ts";
import { parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";

export const anomalies: Route = group("Hours that were unlike those before them", {
  list: verb({
    brief: "List hours of users, agents and tools that were unlike those before, newest first",
    description:
      "The job anomaly-scan finds them: more than twice (warning) or three times (critical) the mean of\n" +
      "the hours with calls of the week before. Its parameters in services/scheduler/config.yaml say what counts.",
    flags: {
      ...PERIOD,
      severity: {
        kind: "enum",
        values: ["warning", "critical"],
        optional: true,
        brief: "Only these",
      },
      kind: {
        kind: "enum",
        values: ["user", "agent", "tool"],
        optional: true,
        brief: "Of users, agents or tools only",
      },
      subject: textFlag("NAME", "Of this user, agent or tool"),
      measure: {
        kind: "enum",
        values: ["calls", "denied", "failed", "cost_microdollars"],
        optional: true,
        brief: "What there was more of",
      },
      ...limitFlag(20),
      ...CURSOR,
    },
    examples: [
      { line: "analytics anomalies list --since 24h" },
      { line: "analytics anomalies list --severity critical --kind user --json" },
    ],
    exits: ["unavailable"],
    load: () => import("./list.ts"),
  }),
  show: verb({
    brief: "Show an anomaly: the hours before it, and whose calls its hour had",
    positional: {
      kind: "tuple",
      parameters: [
        { parse: parseText, placeholder: "id", brief: "Its id, or enough of the beginning" },
      ],
    },
    examples: [{ line: "analytics anomalies show 01a2077124" }],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./show.ts"),
  }),
});
