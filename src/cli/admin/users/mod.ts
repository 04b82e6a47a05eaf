import { limitFlag, YES } from "../../flags.ts";
import { parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";
import { FILTER, OFFSET, ROLES, textFlag, USER } from "./flags.ts";

const DETAILS = {
  fullName: textFlag("Full name"),
  displayName: textFlag("Name to show"),
  department: textFlag("Department, for rules and budgets"),
} as const;

const role: Route = group("Which roles a user may take", {
  assign: verb({
    brief: "Replace a user's roles",
    positional: USER,
    flags: { roles: ROLES },
    examples: [{ line: "admin users role assign ada --roles user,service" }],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    load: () => import("./role/assign.ts"),
  }),
  promote: verb({
    brief: "Give a user the role admin",
    positional: USER,
    examples: [{ line: "admin users role promote ada@example.com" }],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./role/promote.ts"),
  }),
  demote: verb({
    brief: "Take the role admin from a user",
    positional: USER,
    examples: [{ line: "admin users role demote ada" }],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./role/demote.ts"),
  }),
});

const password: Route = group("How a user signs in at the pages", {
  set: verb({
    brief: "Set a user's password, from a prompt or standard input",
    description:
      "At least 12 characters, none of the most common passwords, not the user's name. Ends the user's browser " +
      "sessions.",
    positional: USER,
    examples: [
      { line: "admin users password set ada" },
      { line: "admin users password set ada < password.txt" },
    ],
    exits: ["notFound", "failure", "invalid", "unavailable"],
    load: () => import("./password/set.ts"),
  }),
  clear: verb({
    brief: "Take a user's password away and end its browser sessions",
    positional: USER,
    flags: { ...YES },
    examples: [{ line: "admin users password clear ada --yes" }],
    exits: ["notFound", "failure", "unavailable"],
    load: () => import("./password/clear.ts"),
  }),
});

const passkeys: Route = group("Devices and keys that sign a user in", {
  list: verb({
    brief: "List a user's passkeys",
    positional: USER,
    examples: [{ line: "admin users passkeys list ada" }],
    exits: ["notFound", "failure", "unavailable"],
    load: () => import("./passkeys/list.ts"),
  }),
  remove: verb({
    brief: "Remove one of a user's passkeys",
    positional: {
      kind: "tuple",
      parameters: [
        ...USER.parameters,
        { parse: parseText, placeholder: "passkey-id", brief: "Id of the passkey" },
      ],
    },
    flags: { ...YES },
    examples: [{ line: "admin users passkeys remove ada kFq…" }],
    exits: ["notFound", "failure", "unavailable"],
    load: () => import("./passkeys/remove.ts"),
  }),
});

export const users: Route = group("Who may act, and as what", {
  list: verb({
    brief: "List users",
    flags: { ...limitFlag(20), ...OFFSET, ...FILTER },
    examples: [{ line: "admin users list --role admin" }],
    exits: ["unavailable"],
    load: () => import("./list.ts"),
  }),
  show: verb({
    brief: "Show a user",
    positional: USER,
    flags: {
      sessions: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "With its newest sessions",
      },
      activity: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "With what it has done",
      },
    },
    examples: [{ line: "admin users show ada --sessions" }],
    exits: ["notFound", "failure", "unavailable"],
    load: () => import("./show.ts"),
  }),
  search: verb({
    brief: "Find users by a part of name or email",
    positional: {
      kind: "tuple",
      parameters: [{ parse: parseText, placeholder: "text", brief: "Part of a name or an email" }],
    },
    flags: { ...limitFlag(20), ...OFFSET },
    examples: [{ line: "admin users search @example.com" }],
    exits: ["unavailable"],
    load: () => import("./search.ts"),
  }),
  create: verb({
    brief: "Create a user",
    description: "The user is active and holds the role user unless --roles says otherwise.",
    flags: {
      name: { kind: "parsed", parse: parseText, placeholder: "TEXT", brief: "Name" },
      email: { kind: "parsed", parse: parseText, placeholder: "EMAIL", brief: "Email, unique" },
      ...DETAILS,
      roles: { ...ROLES, optional: true },
    },
    examples: [{
      line: "admin users create --name ada --email ada@example.com --department research",
    }],
    exits: ["failure", "invalid", "unavailable"],
    load: () => import("./create.ts"),
  }),
  update: verb({
    brief: "Change a user",
    description: 'At least one flag; an empty text ("") clears what may be absent.',
    positional: USER,
    flags: {
      email: textFlag("Email, unique"),
      name: textFlag("Name"),
      ...DETAILS,
      status: {
        kind: "enum",
        values: ["active", "inactive", "suspended", "pending"],
        optional: true,
        brief: "Only active users are let in",
      },
    },
    examples: [{
      line: "admin users update ada --status suspended",
      says: "void at once, everywhere",
    }],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    load: () => import("./update.ts"),
  }),
  delete: verb({
    brief: "Delete a user and end its sessions",
    positional: USER,
    flags: { ...YES },
    examples: [{ line: "admin users delete ada --yes" }],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./delete.ts"),
  }),
  count: verb({
    brief: "Count users",
    flags: {
      breakdown: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "By status and role, deleted users too",
      },
    },
    examples: [{ line: "admin users count --breakdown" }],
    exits: ["unavailable"],
    load: () => import("./count.ts"),
  }),
  role,
  password,
  passkeys,
  signInLink: verb({
    brief: "Print a link that signs a user in once, within 15 minutes",
    description:
      "For whoever has neither password nor passkey yet: they are set at the page it leads to.",
    positional: USER,
    examples: [{ line: "admin users sign-in-link operator" }],
    exits: ["notFound", "failure", "denied", "unavailable"],
    load: () => import("./sign_in_link.ts"),
  }),
});
