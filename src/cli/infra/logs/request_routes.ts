import { CURSOR, limitFlag, PERIOD } from "../../flags.ts";
import { parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";
import { textFlag } from "./call_flags.ts";

const switchOf = (brief: string) =>
  ({ kind: "boolean", default: false, withNegated: false, brief }) as const;

/** Verbs about requests to models: their rows in the audit. */
export const request: Route = group("What models were asked", {
  list: verb({
    brief: "List requests to models, newest first",
    flags: {
      ...PERIOD,
      model: textFlag("NAME", "Of this model"),
      provider: textFlag("NAME", "Of this provider"),
      user: textFlag("ID", "Of this user"),
      ...limitFlag(20),
      ...CURSOR,
    },
    aliases: { n: "limit" },
    examples: [{ line: "infra logs request list --limit 5" }],
    exits: ["unavailable"],
    load: () => import("./request_list.ts"),
  }),
  show: verb({
    brief: "Print one request to a model",
    positional: {
      kind: "tuple",
      parameters: [{ parse: parseText, placeholder: "id", brief: "Request id or its beginning" }],
    },
    flags: {
      messages: switchOf("Its messages, too"),
      tools: switchOf("The calls of tools of its trace, too"),
      full: switchOf("Everything, whole"),
    },
    aliases: { m: "messages", t: "tools" },
    examples: [{ line: "infra logs request show 01a20771 --messages --tools" }],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./request_show.ts"),
  }),
  stats: verb({
    brief: "Add requests up by provider and model: tokens, cost, latency",
    flags: PERIOD,
    examples: [{ line: "infra logs request stats --since 24h" }],
    exits: ["unavailable"],
    load: () => import("./request_stats.ts"),
  }),
});
