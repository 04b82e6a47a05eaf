import { DRY_RUN, limitFlag, YES } from "../../flags.ts";
import { parseInteger, parseLength, parseText } from "../../parse.ts";
import { ban } from "../ban/mod.ts";
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

const BULK = {
  ...FILTER,
  olderThan: {
    kind: "parsed",
    parse: parseInteger(0),
    optional: true,
    placeholder: "DAYS",
    brief: "Only users created more than this many days ago",
  },
  ...limitFlag(100),
  ...DRY_RUN,
  ...YES,
} as const;

const bulk: Route = group("Many users at once: all of them or none", {
  delete: verb({
    brief: "Delete the users that match",
    description: "At least one filter. Never the local operator.",
    flags: BULK,
    examples: [{ line: "admin users bulk delete --status inactive --older-than 365 --dry-run" }],
    exits: ["failure", "invalid", "denied", "unavailable"],
    load: () => import("./bulk/delete.ts"),
  }),
  update: verb({
    brief: "Set the status of the users that match",
    description: "At least one filter. Never of the local operator.",
    flags: {
      setStatus: {
        kind: "enum",
        values: ["active", "inactive", "suspended", "pending"],
        brief: "The new status",
      },
      ...BULK,
    },
    examples: [{ line: "admin users bulk update --set-status suspended --role mcp --yes" }],
    exits: ["failure", "invalid", "denied", "unavailable"],
    load: () => import("./bulk/update.ts"),
  }),
});

const session: Route = group("Sessions of one user", {
  list: verb({
    brief: "List a user's sessions, newest first",
    positional: USER,
    flags: {
      active: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Only those neither revoked nor expired",
      },
      ...limitFlag(20),
    },
    examples: [{ line: "admin users session list ada --active" }],
    exits: ["notFound", "failure", "unavailable"],
    load: () => import("./session/list.ts"),
  }),
  end: verb({
    brief: "End a session, or all sessions of a user",
    positional: {
      kind: "tuple",
      parameters: [{
        parse: parseText,
        placeholder: "session-id",
        optional: true,
        brief: "Id of a session",
      }],
    },
    flags: {
      user: textFlag("Whose sessions, with --all"),
      all: { kind: "boolean", default: false, withNegated: false, brief: "All of the user's" },
      ...YES,
    },
    examples: [{ line: "admin users session end --user ada --all --yes" }],
    exits: ["notFound", "failure", "unavailable"],
    load: () => import("./session/end.ts"),
  }),
  cleanup: verb({
    brief: "End all sessions that nobody used for some days",
    flags: {
      days: {
        kind: "parsed",
        parse: parseInteger(1),
        default: "30",
        placeholder: "N",
        brief: "Days without use",
      },
      ...YES,
    },
    examples: [{ line: "admin users session cleanup --days 90 --yes" }],
    exits: ["failure", "unavailable"],
    load: () => import("./session/cleanup.ts"),
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
  stats: verb({
    brief: "Count users by age, status and role",
    examples: [{ line: "admin users stats" }],
    exits: ["failure", "unavailable"],
    load: () => import("./stats.ts"),
  }),
  export: verb({
    brief: "Write users as JSON or CSV, to standard output or a file",
    description:
      "All that match unless --limit says otherwise. In CSV, cells that a spreadsheet would calculate begin with an " +
      "apostrophe, which an import takes away again.",
    flags: {
      output: textFlag("Write to this file instead"),
      format: { kind: "enum", values: ["json", "csv"], default: "json", brief: "How" },
      ...FILTER,
      department: textFlag("Only users in exactly this department"),
      limit: {
        kind: "parsed",
        parse: parseInteger(1),
        optional: true,
        placeholder: "N",
        brief: "At most this many",
      },
    },
    aliases: { o: "output" },
    examples: [{ line: "admin users export --format csv --output people.csv" }],
    exits: ["invalid", "failure", "unavailable"],
    load: () => import("./export.ts"),
  }),
  import: verb({
    brief: "Create users from a CSV or JSON file, all of them or none",
    description:
      "Columns: email and name, and of full_name, display_name, status, roles (separated by blanks) and department " +
      "what is given. UTF-8. Every line is looked at before anything is done; problems are told with their lines.",
    flags: {
      file: textFlag("The file; standard input unless given"),
      format: {
        kind: "enum",
        values: ["csv", "json"],
        optional: true,
        brief: "By the file's name or its beginning unless given",
      },
      existing: {
        kind: "enum",
        values: ["refuse", "skip", "update"],
        default: "refuse",
        brief: "What to do with people whose email a user has",
      },
      ...DRY_RUN,
    },
    examples: [
      { line: "admin users import --file people.csv --dry-run" },
      { line: "admin users import --existing update < people.csv" },
    ],
    exits: ["notFound", "failure", "invalid", "denied", "unavailable"],
    load: () => import("./import.ts"),
  }),
  merge: verb({
    brief: "Merge two users who are one person, and delete the first",
    description:
      "Groups and service accounts go over. Sessions, keys, passwords and passkeys of the first end: whoever holds " +
      "one must not become the other by it. Rows of the audit keep the id that they have.",
    flags: {
      source: { kind: "parsed", parse: parseText, placeholder: "USER", brief: "Who is deleted" },
      target: { kind: "parsed", parse: parseText, placeholder: "USER", brief: "Who stays" },
      ...YES,
    },
    examples: [{ line: "admin users merge --source ada2@example.com --target ada --yes" }],
    exits: ["notFound", "failure", "invalid", "denied", "unavailable"],
    load: () => import("./merge.ts"),
  }),
  anonymise: verb({
    brief: "Erase who a user was, for good",
    description:
      "Deletes the user, its names, email, addresses and means of signing in, and what rows of the audit say of them " +
      "beyond an id. No row changes: the audit still verifies.",
    positional: USER,
    flags: { ...YES },
    examples: [{ line: "admin users anonymise ada --yes" }],
    exits: ["notFound", "failure", "denied", "unavailable"],
    load: () => import("./anonymise.ts"),
  }),
  bulk,
  session,
  ban,
  role,
  password,
  passkeys,
  invite: verb({
    brief: "Make a user and print a link that signs them in once",
    description:
      "At the page it leads to they set a password or passkeys, or connect an account elsewhere. The name is what " +
      "stands before the @ unless --name says otherwise. With --mail the link is not printed but handed to the " +
      "profile's mail server (smtp); where that does not accept it, the link is printed and the status is not 0.",
    positional: {
      kind: "tuple",
      parameters: [{ parse: parseText, placeholder: "email", brief: "Email, unique" }],
    },
    flags: {
      name: textFlag("Name"),
      ...DETAILS,
      roles: { ...ROLES, optional: true },
      expires: {
        kind: "parsed",
        parse: parseLength,
        default: "7d",
        placeholder: "SPAN",
        brief: "How long the link is good for, at most 30d",
      },
      mail: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Mail the link instead of printing it",
      },
    },
    examples: [
      { line: "admin users invite ada@example.com --department research" },
      { line: "admin users invite ada@example.com --mail" },
    ],
    exits: ["failure", "invalid", "unavailable"],
    load: () => import("./invite.ts"),
  }),
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
