import { PERIOD } from "../../flags.ts";
import { parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";

/** Legal holds, which retention of the audit stops at. */
export const hold: Route = group("Legal holds: what retention of the audit leaves alone", {
  list: verb({
    brief: "List the holds in force, newest first",
    flags: {
      all: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Those that were released as well",
      },
    },
    examples: [{ line: "infra logs hold list" }],
    exits: ["unavailable"],
    load: async () => (await import("./hold.ts")).list,
  }),
  place: verb({
    brief: "Keep rows from retention until the hold is released",
    description:
      "Every month that the time reaches into stays whole; without a time, everything does.",
    flags: {
      reason: {
        kind: "parsed",
        parse: parseText,
        placeholder: "TEXT",
        brief: "Why, for those who read the row",
      },
      ...PERIOD,
    },
    examples: [{
      line: 'infra logs hold place --reason "case 12/26" --since 2026-01-01 --until 2026-04-01',
    }],
    exits: ["failure", "invalid", "unavailable"],
    load: async () => (await import("./hold.ts")).place,
  }),
  release: verb({
    brief: "Let retention go on",
    positional: {
      kind: "tuple",
      parameters: [{ parse: parseText, placeholder: "id", brief: "Id of the hold" }],
    },
    examples: [{ line: "infra logs hold release 8f7c2f0e-6f0e-4a53-9d4c-0f1b7b1f6f11" }],
    exits: ["failure", "notFound", "unavailable"],
    load: async () => (await import("./hold.ts")).release,
  }),
});
