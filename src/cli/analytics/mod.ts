import { limitFlag } from "../flags.ts";
import { textFlag } from "../infra/logs/call_flags.ts";
import { parseText } from "../parse.ts";
import { group, type Route, verb } from "../verb.ts";
import { anomalies } from "./anomalies/mod.ts";
import { REPORT, TREND } from "./flags.ts";

/** Everything here reads the audit of a period: the last 24 hours, for trends the last 7 days. */
const exits = ["failure", "unavailable"] as const;
const found = [...exits, "notFound"] as const;

function named(placeholder: string, brief: string) {
  return {
    kind: "tuple",
    parameters: [{ parse: parseText, placeholder, brief }],
  } as const;
}

const { export: _, ...PERIOD_ONLY } = REPORT;

function sorting<const V extends string>(values: readonly [V, ...V[]]) {
  return {
    sortBy: { kind: "enum", values, default: values[0], brief: "What stands first" },
  } as const;
}

const conversations: Route = group("Calls by the client's conversation", {
  stats: verb({
    brief: "Count conversations and their calls",
    flags: REPORT,
    examples: [{ line: "analytics conversations stats --since 7d" }],
    exits,
    load: () => import("./conversations/stats.ts"),
  }),
  trends: verb({
    brief: "Count conversations over time",
    flags: TREND,
    examples: [{ line: "analytics conversations trends --group-by hour --since 24h" }],
    exits,
    load: () => import("./conversations/trends.ts"),
  }),
  list: verb({
    brief: "List conversations, the latest first",
    flags: { ...REPORT, ...limitFlag(20) },
    examples: [{ line: "analytics conversations list --limit 5" }],
    exits,
    load: () => import("./conversations/list.ts"),
  }),
});

const agent = textFlag("NAME", "Of this agent");
const agents: Route = group("Calls by agent", {
  stats: verb({
    brief: "Count what agents did and what became of it",
    flags: { ...REPORT, agent },
    examples: [{ line: "analytics agents stats --agent reviewer" }],
    exits,
    load: () => import("./agents/stats.ts"),
  }),
  list: verb({
    brief: "List agents",
    flags: {
      ...REPORT,
      ...limitFlag(20),
      ...sorting(["task-count", "success-rate", "cost", "last-active"]),
    },
    examples: [{ line: "analytics agents list --sort-by cost" }],
    exits,
    load: () => import("./agents/list.ts"),
  }),
  trends: verb({
    brief: "Count what agents did over time",
    flags: { ...TREND, agent },
    examples: [{ line: "analytics agents trends --agent reviewer --group-by day" }],
    exits,
    load: () => import("./agents/trends.ts"),
  }),
  show: verb({
    brief: "Show one agent: outcomes, errors, hours of the day",
    flags: PERIOD_ONLY,
    positional: named("agent", "Its name"),
    examples: [{ line: "analytics agents show reviewer --since 7d" }],
    exits: found,
    load: () => import("./agents/show.ts"),
  }),
});

const tool = textFlag("NAME", "Of this tool: `Bash`, `mcp:github/create_issue`");
const tools: Route = group("Calls by tool", {
  stats: verb({
    brief: "Count tools' calls, what became of them and how long they took",
    flags: { ...REPORT, tool },
    examples: [{ line: "analytics tools stats --tool Bash" }],
    exits,
    load: () => import("./tools/stats.ts"),
  }),
  list: verb({
    brief: "List tools",
    flags: {
      ...REPORT,
      ...limitFlag(20),
      server: textFlag("NAME", "Of this MCP server"),
      ...sorting(["execution-count", "success-rate", "avg-time"]),
    },
    examples: [{ line: "analytics tools list --server github --sort-by avg-time" }],
    exits,
    load: () => import("./tools/list.ts"),
  }),
  trends: verb({
    brief: "Count tools' calls over time",
    flags: { ...TREND, tool },
    examples: [{ line: "analytics tools trends --group-by hour --since 24h" }],
    exits,
    load: () => import("./tools/trends.ts"),
  }),
  show: verb({
    brief: "Show one tool: outcomes, errors, who calls it",
    flags: PERIOD_ONLY,
    positional: named("tool", "Its name, or the whole target"),
    examples: [{ line: "analytics tools show Bash --since 7d" }],
    exits: found,
    load: () => import("./tools/show.ts"),
  }),
});

const requests: Route = group("Calls of models", {
  stats: verb({
    brief: "Count calls of models, tokens, cost and latency",
    flags: { ...REPORT, model: textFlag("NAME", "Of this model") },
    examples: [{ line: "analytics requests stats --since 7d" }],
    exits,
    load: () => import("./requests/stats.ts"),
  }),
  trends: verb({
    brief: "Count calls of models over time",
    flags: TREND,
    examples: [{ line: "analytics requests trends" }],
    exits,
    load: () => import("./requests/trends.ts"),
  }),
  models: verb({
    brief: "List models by their calls",
    flags: { ...REPORT, ...limitFlag(20) },
    examples: [{ line: "analytics requests models" }],
    exits,
    load: () => import("./requests/models.ts"),
  }),
});

const sessions: Route = group("Sessions of users and programs", {
  stats: verb({
    brief: "Count sessions, users, calls a session",
    flags: REPORT,
    examples: [{ line: "analytics sessions stats" }],
    exits,
    load: () => import("./sessions/stats.ts"),
  }),
  trends: verb({
    brief: "Count sessions over time",
    flags: TREND,
    examples: [{ line: "analytics sessions trends --group-by week --since 4w" }],
    exits,
    load: () => import("./sessions/trends.ts"),
  }),
  live: verb({
    brief: "List sessions with a call in the last half hour",
    flags: { ...limitFlag(20), export: REPORT.export },
    examples: [{ line: "analytics sessions live" }],
    exits,
    load: () => import("./sessions/live.ts"),
  }),
});

const costs: Route = group("What calls cost", {
  summary: verb({
    brief: "Sum up what calls cost, compared with the time before",
    flags: REPORT,
    examples: [{ line: "analytics costs summary --since 7d" }],
    exits,
    load: () => import("./costs/summary.ts"),
  }),
  trends: verb({
    brief: "Sum up costs over time",
    flags: TREND,
    examples: [{ line: "analytics costs trends --group-by day --export costs.csv" }],
    exits,
    load: () => import("./costs/trends.ts"),
  }),
  breakdown: verb({
    brief: "Sum up costs by model, provider, agent, tool or user",
    flags: {
      ...REPORT,
      ...limitFlag(20),
      by: {
        kind: "enum",
        values: ["model", "agent", "provider", "tool", "user"],
        default: "model",
        brief: "What is summed up",
      },
    },
    examples: [{ line: "analytics costs breakdown --by agent" }],
    exits,
    load: () => import("./costs/breakdown.ts"),
  }),
});

export const analytics: Route = group("What agents do, and what of it is unusual", {
  overview: verb({
    brief: "Everything at a glance, compared with the time before",
    flags: REPORT,
    examples: [{ line: "analytics overview" }, { line: "analytics overview --since 7d --json" }],
    exits,
    load: () => import("./overview.ts"),
  }),
  conversations,
  agents,
  tools,
  requests,
  sessions,
  costs,
  anomalies,
});
