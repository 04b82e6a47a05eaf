import { limitFlag, YES } from "../../flags.ts";
import { parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";
import { textFlag } from "../users/flags.ts";

const DEPARTMENT = {
  kind: "tuple",
  parameters: [{ parse: parseText, placeholder: "department", brief: "Name of the department" }],
} as const;

const EXITS = ["notFound", "failure", "invalid", "denied", "unavailable"] as const;

export const departments: Route = group("The tree of departments that rules and budgets speak of", {
  list: verb({
    brief: "List departments as a tree, with how many users are in each",
    flags: { below: textFlag("Only this one and those below it") },
    examples: [{ line: "admin departments list" }],
    exits: ["failure", "unavailable"],
    load: () => import("./list.ts"),
  }),
  show: verb({
    brief: "Show a department and who is in it",
    positional: DEPARTMENT,
    flags: limitFlag(50),
    examples: [{ line: "admin departments show finance" }],
    exits: EXITS,
    load: () => import("./show.ts"),
  }),
  create: verb({
    brief: "Create a department",
    description:
      "What narrows a department narrows those below it; a budget of one counts them too.",
    flags: {
      name: { kind: "parsed", parse: parseText, placeholder: "TEXT", brief: "Name" },
      parent: textFlag("The department above it"),
      description: textFlag("What it is"),
    },
    examples: [{ line: "admin departments create --name payroll --parent finance" }],
    exits: EXITS,
    load: () => import("./create.ts"),
  }),
  update: verb({
    brief: "Rename, move or describe a department",
    description:
      "Its users and what is below it go with it. An empty --parent moves it to the top.",
    positional: DEPARTMENT,
    flags: {
      name: textFlag("New name"),
      parent: textFlag("The department above it"),
      description: textFlag("What it is"),
    },
    examples: [{ line: "admin departments update payroll --parent people" }],
    exits: EXITS,
    load: () => import("./update.ts"),
  }),
  delete: verb({
    brief: "Delete a department that nobody is in",
    positional: DEPARTMENT,
    flags: { ...YES },
    examples: [{ line: "admin departments delete payroll --yes" }],
    exits: EXITS,
    load: () => import("./delete.ts"),
  }),
});
