import { AppError } from "../../../kernel/errors.ts";
import { didYouMean } from "../../../kernel/suggest.ts";
import { group, type Route, verb } from "../../verb.ts";

/** The parts of the configuration, as files and tables name them. */
export const SECTIONS = [
  "profile",
  "hooks",
  "roles",
  "agents",
  "secrets",
  "blocklist",
  "limits",
  "policies",
] as const;
export type Section = typeof SECTIONS[number];

function parseSection(text: string): Section {
  const section = SECTIONS.find((name) => name === text);
  if (section) return section;
  const hint = didYouMean(text, SECTIONS) ?? `One of ${SECTIONS.join(", ")}.`;
  throw new AppError("usage", `There is no section ${JSON.stringify(text)}: ${hint}`);
}

export const config: Route = group("The configuration: profile and services", {
  validate: verb({
    brief: "Check every file, exactly as start-up does, and list all problems at once",
    description:
      "Each problem is file:line:column, the path inside the file and what was expected. Nothing is started " +
      "and nothing is changed.",
    examples: [
      { line: "admin config validate" },
      { line: "admin config validate --profile deploy/production.yaml --json" },
    ],
    exits: ["notFound", "invalid"],
    load: () => import("./validate.ts"),
  }),
  show: verb({
    brief: "Show the configuration with every default filled in",
    positional: {
      kind: "tuple",
      parameters: [{
        parse: parseSection,
        placeholder: "section",
        optional: true,
        brief: SECTIONS.join(", "),
      }],
    },
    examples: [{ line: "admin config show" }, { line: "admin config show roles --json" }],
    exits: ["notFound", "invalid"],
    load: () => import("./show.ts"),
  }),
  list: verb({
    brief: "List the files that are read, and the revision they make",
    examples: [{ line: "admin config list" }],
    exits: ["notFound", "invalid"],
    load: () => import("./list.ts"),
  }),
});
