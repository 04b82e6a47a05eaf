import { limitFlag, YES } from "../../flags.ts";
import { parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";
import { OFFSET, ROLES, textFlag } from "../users/flags.ts";

const ACCOUNT = {
  kind: "tuple",
  parameters: [{ parse: parseText, placeholder: "account", brief: "Id or name" }],
} as const;

const DETAILS = {
  owner: textFlag("The person who answers for it: id, email or name"),
  department: textFlag("Department, for rules and budgets"),
  description: textFlag("What it is for"),
} as const;

const EXITS = ["notFound", "failure", "invalid", "denied", "unavailable"] as const;

export const serviceAccounts: Route = group("Programs that act by keys, and nobody signs in as", {
  list: verb({
    brief: "List service accounts",
    flags: { owner: textFlag("Only those of this person"), ...limitFlag(50), ...OFFSET },
    examples: [{ line: "admin service-accounts list --owner ada" }],
    exits: EXITS,
    load: () => import("./list.ts"),
  }),
  show: verb({
    brief: "Show a service account and its keys",
    positional: ACCOUNT,
    examples: [{ line: "admin service-accounts show ci" }],
    exits: EXITS,
    load: () => import("./show.ts"),
  }),
  create: verb({
    brief: "Create a service account",
    description:
      "It holds the role service unless --roles says otherwise. Keys: admin keys create.",
    flags: {
      name: {
        kind: "parsed",
        parse: parseText,
        placeholder: "NAME",
        brief: "Lower-case letters, digits and . _ -; unique among service accounts",
      },
      roles: { ...ROLES, optional: true },
      ...DETAILS,
    },
    examples: [{ line: "admin service-accounts create --name ci --owner ada" }],
    exits: EXITS,
    load: () => import("./create.ts"),
  }),
  update: verb({
    brief: "Change a service account",
    description: 'At least one flag; an empty text ("") clears what may be absent.',
    positional: ACCOUNT,
    flags: {
      ...DETAILS,
      status: {
        kind: "enum",
        values: ["active", "inactive", "suspended"],
        optional: true,
        brief: "Only active accounts are let in",
      },
    },
    examples: [{ line: "admin service-accounts update ci --owner bob" }],
    exits: EXITS,
    load: () => import("./update.ts"),
  }),
  delete: verb({
    brief: "Delete a service account and end its keys",
    positional: ACCOUNT,
    flags: { ...YES },
    examples: [{ line: "admin service-accounts delete ci --yes" }],
    exits: EXITS,
    load: () => import("./delete.ts"),
  }),
});
