import { parseText } from "../parse.ts";
import { group, type Route, verb } from "../verb.ts";

export const demo: Route = group("Show what the appliance does, and check it", {
  run: verb({
    brief: "Run demos against the running appliance",
    description:
      "Each step states what it expects. A step that finds anything else fails its demo, and so does a " +
      "result that is empty. Every run opens sessions of its own.",
    positional: {
      kind: "array",
      parameter: {
        parse: parseText,
        placeholder: "name",
        brief: "A demo (governance/06-secret-breach, 06-secret-breach) or a category (governance)",
      },
    },
    flags: {
      all: { kind: "boolean", default: false, withNegated: false, brief: "Every demo" },
      junit: {
        kind: "parsed",
        parse: parseText,
        optional: true,
        placeholder: "FILE",
        brief: "Write a JUnit report too",
      },
    },
    examples: [
      { line: "demo run governance/06-secret-breach" },
      { line: "demo run --all --json --junit demo.xml" },
    ],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./run.ts"),
  }),
  list: verb({
    brief: "List the demos",
    examples: [{ line: "demo list" }],
    exits: [],
    load: () => import("./list.ts"),
  }),
});
