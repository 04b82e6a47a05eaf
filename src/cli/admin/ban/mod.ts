import { limitFlag } from "../../flags.ts";
import { parseLength, parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";

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
} as const;

export const ban: Route = group("Users and client addresses that may not call", {
  add: verb({
    brief: "Ban a user, an address or a network",
    description:
      "It counts at every gateway within a second; calls are denied as auth_failure, rule banned. A second " +
      "ban of the same takes the place of the first. Behind a proxy the client's address is the one that " +
      "a trusted proxy names (server.trusted_proxies).",
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
    flags: SUBJECT,
    examples: [{ line: "admin ban remove --address 192.0.2.0/24" }],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    load: () => import("./remove.ts"),
  }),
  list: verb({
    brief: "List the bans in force, newest first",
    flags: limitFlag(50),
    examples: [{ line: "admin ban list" }],
    exits: ["failure", "unavailable"],
    load: () => import("./list.ts"),
  }),
});
