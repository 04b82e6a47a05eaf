import { limitFlag, YES } from "../../flags.ts";
import { parseLength, parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";

const ADDRESS = {
  kind: "tuple",
  parameters: [{
    parse: parseText,
    placeholder: "ip",
    optional: true,
    brief: "An IP address or a network, as with --address",
  }],
} as const;

const SUBJECT = {
  user: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    placeholder: "USER",
    brief: "A user: id, email or name",
  },
  address: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    placeholder: "IP",
    brief: "An IP address, or a network such as 10.0.0.0/8",
  },
  device: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    placeholder: "DEVICE",
    brief: "A device, as sessions and keys are made for",
  },
} as const;

export const ban: Route = group("Users, client addresses and devices that may not call", {
  add: verb({
    brief: "Ban a user, an address, a network or a device",
    description:
      "It counts at every gateway within a second; calls are denied as auth_failure, rule banned. A second " +
      "ban of the same takes the place of the first. Behind a proxy the client's address is the one that " +
      "a trusted proxy names (server.trusted_proxies).",
    positional: ADDRESS,
    flags: {
      ...SUBJECT,
      reason: {
        kind: "parsed",
        parse: parseText,
        placeholder: "TEXT",
        brief: "Why, for those who read the row",
      },
      expires: {
        kind: "parsed",
        parse: parseLength,
        optional: true,
        placeholder: "TIME",
        brief: "How long it lasts: 15m, 24h, 7d, 4w; for good unless given",
      },
      duration: {
        kind: "parsed",
        parse: parseLength,
        optional: true,
        placeholder: "TIME",
        brief: "The same as --expires",
      },
      permanent: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "For good, in so many words",
      },
    },
    examples: [
      { line: 'admin ban add --address 192.0.2.0/24 --reason "scans" --expires 7d' },
      { line: 'admin ban add --user ada --reason "token leaked"' },
    ],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    load: () => import("./add.ts"),
  }),
  remove: verb({
    brief: "Lift a ban",
    positional: ADDRESS,
    flags: { ...SUBJECT, ...YES },
    examples: [{ line: "admin ban remove --address 192.0.2.0/24" }],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    load: () => import("./remove.ts"),
  }),
  list: verb({
    brief: "List the bans in force, newest first",
    flags: {
      ...limitFlag(50),
      kind: {
        kind: "enum",
        values: ["user", "address", "device"],
        optional: true,
        brief: "Only bans of these",
      },
      source: {
        kind: "parsed",
        parse: parseText,
        optional: true,
        placeholder: "TEXT",
        brief: "Only bans that were added through this: cli, api, mcp",
      },
    },
    examples: [{ line: "admin ban list" }],
    exits: ["failure", "unavailable"],
    load: () => import("./list.ts"),
  }),
  check: verb({
    brief: "Say whether a user, an address or a device is banned, and by what",
    description: "An address is banned by every network that holds it.",
    positional: ADDRESS,
    flags: SUBJECT,
    examples: [{ line: "admin ban check 192.0.2.7" }],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    load: () => import("./check.ts"),
  }),
  cleanup: verb({
    brief: "Forget bans that are over",
    flags: { ...YES },
    examples: [{ line: "admin ban cleanup --yes" }],
    exits: ["failure", "unavailable"],
    load: () => import("./cleanup.ts"),
  }),
});
