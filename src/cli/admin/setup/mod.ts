import { DRY_RUN, YES } from "../../flags.ts";
import { parseText } from "../../parse.ts";
import { type Route, verb } from "../../verb.ts";

function text(placeholder: string, brief: string): {
  readonly kind: "parsed";
  readonly parse: (text: string) => string;
  readonly optional: true;
  readonly placeholder: string;
  readonly brief: string;
} {
  return { kind: "parsed", parse: parseText, optional: true, placeholder, brief };
}

export const setup: Route = verb({
  brief: "Make or change a profile, with keys, database and operator",
  description:
    "Asks on a terminal for what is not given. Can be run again: what is there is kept, and a profile changes " +
    "only in what is given. The port is the global --port.",
  flags: {
    name: text("NAME", 'Name of the profile; "local" unless given'),
    email: text("EMAIL", "Email of the local operator"),
    databaseUrl: text("URL", "External PostgreSQL; embedded unless given"),
    services: text("DIR", "Folder of the configuration in git"),
    ...YES,
    ...DRY_RUN,
  },
  examples: [
    { line: "admin setup", says: "asks" },
    { line: "admin setup --email ops@example.com --port 8443 --yes" },
    { line: "admin setup --name prod --database-url postgres://… --dry-run" },
  ],
  exits: ["failure", "invalid", "unavailable"],
  load: () => import("./setup.ts"),
});
