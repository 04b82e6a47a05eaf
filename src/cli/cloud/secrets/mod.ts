import { DRY_RUN, YES } from "../../flags.ts";
import { group, type Route, verb } from "../../verb.ts";
import { fileFlag, FOUND, NAME, OWNER, TERMS } from "./flags.ts";

const VALUE =
  "The value comes from standard input, a file, or a prompt that shows nothing; one line end at its " +
  "end is left out. It is never an argument: other users of the machine see those, and the shell keeps them.";
const WHOSE =
  "Everybody's unless --user or --department says whose. Of several of one name that list a server, " +
  "the user's own goes before the department's, that before everybody's.";

export const secrets: Route = group("Values that MCP servers are given, and nobody else", {
  set: verb({
    brief: "Keep a value, sealed, for the servers named",
    description:
      `${VALUE}\n\n${WHOSE}\n\nA secret that is there gets the new value; what is not said stays.`,
    positional: NAME,
    flags: { ...TERMS, ...OWNER, ...fileFlag("Read the value from this file") },
    examples: [
      { line: "cloud secrets set GITHUB_TOKEN --server github", says: "asks for the value" },
      {
        line: "cloud secrets set GITHUB_TOKEN --server github --user ada --expires 90d < token.txt",
        says: "ada's own, for 90 days",
      },
    ],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    secretive: true,
    load: () => import("./set.ts"),
  }),
  list: verb({
    brief: "List secrets: whose, for which servers, until when. Never values",
    flags: { ...FOUND, ...OWNER },
    examples: [
      { line: "cloud secrets list --server github" },
      { line: "cloud secrets list --expiring 30d", says: "what has to be renewed" },
    ],
    exits: ["notFound", "unavailable"],
    load: () => import("./list.ts"),
  }),
  show: verb({
    brief: "Show what is known of a secret. Never its value",
    description: WHOSE,
    positional: NAME,
    flags: OWNER,
    examples: [{ line: "cloud secrets show GITHUB_TOKEN --department research" }],
    exits: ["notFound", "unavailable"],
    secretive: true,
    load: () => import("./show.ts"),
  }),
  update: verb({
    brief: "Change which servers may get a secret, and until when",
    description:
      "At least one of --server and --expires; --server replaces the list. The value stays.",
    positional: NAME,
    flags: { ...TERMS, ...OWNER },
    examples: [{ line: "cloud secrets update GITHUB_TOKEN --server github,ci --expires never" }],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    secretive: true,
    load: () => import("./update.ts"),
  }),
  rotate: verb({
    brief: "Replace the value of a secret that there is",
    description: `${VALUE}\n\nProcesses that hold the value before are started anew.`,
    positional: NAME,
    flags: { expires: TERMS.expires, ...OWNER, ...fileFlag("Read the value from this file") },
    examples: [{ line: "cloud secrets rotate GITHUB_TOKEN --expires 90d --from-file token.txt" }],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    secretive: true,
    load: () => import("./rotate.ts"),
  }),
  delete: verb({
    brief: "Delete a secret",
    positional: NAME,
    flags: { ...OWNER, ...YES },
    examples: [{ line: "cloud secrets delete GITHUB_TOKEN --user ada --yes" }],
    exits: ["failure", "notFound", "unavailable"],
    secretive: true,
    load: () => import("./delete.ts"),
  }),
  import: verb({
    brief: "Keep all values of a file, or none",
    description:
      "NAME=value lines or a JSON object of texts, from --from-file or standard input. All get the same " +
      "servers, owner and expiry. When one cannot be kept, none is.",
    flags: {
      ...TERMS,
      ...OWNER,
      ...fileFlag("Read this file"),
      format: {
        kind: "enum",
        values: ["env", "json"],
        optional: true,
        brief: "What it is; by its first character unless given",
      },
      ...DRY_RUN,
    },
    examples: [{ line: "cloud secrets import --from-file .env --server github --dry-run" }],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    secretive: true,
    load: () => import("./import.ts"),
  }),
  rotateKey: verb({
    brief: "Seal every secret with a new key, and forget the one before",
    description:
      "Secrets can be read and set all the while; what was interrupted goes on at the next call.\n\n" +
      "--master takes in a new master key instead: a random one in the place of this home's file, or the one " +
      "in --from-file for homes that are given theirs. Both open the vault until every replica was started with " +
      "the new one and --finish was called. Tokens and seals rest on the master key too: from its restart on, a " +
      "replica accepts new tokens only and signs with a new seal key.",
    flags: {
      master: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "The master key instead",
      },
      finish: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "With --master: only this home's key opens the vault from now on",
      },
      ...fileFlag("With --master: the new master key, base64 of 32 bytes"),
      ...YES,
    },
    examples: [
      { line: "cloud secrets rotate-key" },
      {
        line: "cloud secrets rotate-key --master --yes",
        says: "then restart, then --master --finish",
      },
    ],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    secretive: true,
    load: () => import("./rotate_key.ts"),
  }),
}, { aliases: { unset: "delete" } });
