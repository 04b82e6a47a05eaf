import { parseInteger, parseText } from "../parse.ts";
import { type Route, verb } from "../verb.ts";

export const bench: Route = verb({
  brief: "Measure the appliance on this machine",
  description:
    "Each benchmark starts a service of its own in a temporary home, puts load on it, compares the requests " +
    "with the rows in the audit, and says whether the figures are as good as they have to be. Without a name " +
    "it lists them; `all` runs every one. From a checkout, the programs in scripts/bench run too.",
  positional: {
    kind: "array",
    parameter: {
      parse: parseText,
      placeholder: "name",
      brief: "Benchmarks, or all; arguments of a program in scripts/bench follow its name after --",
    },
  },
  flags: {
    seconds: {
      kind: "parsed",
      parse: parseInteger(1, 86_400),
      optional: true,
      placeholder: "N",
      brief: "Measure for this long instead",
    },
    rows: {
      kind: "parsed",
      parse: parseInteger(0, 1_000_000_000),
      optional: true,
      placeholder: "N",
      brief: "Rows that growth starts from, 10000000 unless given",
    },
  },
  examples: [
    { line: "bench", says: "what there is" },
    { line: "bench decisions" },
    { line: "bench burst single --json" },
    { line: "bench memory --seconds 60", says: "shorter" },
  ],
  exits: ["failure", "notFound", "unavailable"],
  load: () => import("./bench.ts"),
});
