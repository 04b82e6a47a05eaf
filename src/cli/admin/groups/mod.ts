import { limitFlag, YES } from "../../flags.ts";
import { parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";
import { OFFSET, textFlag } from "../users/flags.ts";

const GROUP = {
  kind: "tuple",
  parameters: [{ parse: parseText, placeholder: "group", brief: "Id or name" }],
} as const;

const MEMBERS = {
  user: {
    kind: "parsed",
    parse: parseText,
    variadic: ",",
    placeholder: "USER",
    brief: "Id, email or name; separated by commas or repeated",
  },
} as const;

const EXITS = ["notFound", "failure", "invalid", "unavailable"] as const;

export const groups: Route = group("Users who belong together, for policies", {
  list: verb({
    brief: "List groups",
    flags: { ...limitFlag(50), ...OFFSET },
    examples: [{ line: "admin groups list" }],
    exits: ["failure", "unavailable"],
    load: () => import("./list.ts"),
  }),
  show: verb({
    brief: "Show a group and its members",
    positional: GROUP,
    flags: { ...limitFlag(50), ...OFFSET },
    examples: [{ line: "admin groups show on-call" }],
    exits: EXITS,
    load: () => import("./show.ts"),
  }),
  create: verb({
    brief: "Create a group",
    description: 'It grants nothing by itself; policies ask for it: principal in Group::"on-call".',
    flags: {
      name: { kind: "parsed", parse: parseText, placeholder: "TEXT", brief: "Name, unique" },
      description: textFlag("What it is"),
    },
    examples: [{ line: "admin groups create --name on-call" }],
    exits: EXITS,
    load: () => import("./create.ts"),
  }),
  update: verb({
    brief: "Rename or describe a group",
    positional: GROUP,
    flags: { name: textFlag("New name"), description: textFlag("What it is") },
    examples: [{ line: "admin groups update on-call --name responders" }],
    exits: EXITS,
    load: () => import("./update.ts"),
  }),
  delete: verb({
    brief: "Delete a group",
    positional: GROUP,
    flags: { ...YES },
    examples: [{ line: "admin groups delete on-call --yes" }],
    exits: EXITS,
    load: () => import("./delete.ts"),
  }),
  add: verb({
    brief: "Take users into a group",
    positional: GROUP,
    flags: MEMBERS,
    examples: [{ line: "admin groups add on-call --user ada,bob" }],
    exits: EXITS,
    load: () => import("./add.ts"),
  }),
  remove: verb({
    brief: "Take users out of a group",
    positional: GROUP,
    flags: MEMBERS,
    examples: [{ line: "admin groups remove on-call --user bob" }],
    exits: EXITS,
    load: () => import("./remove.ts"),
  }),
});
