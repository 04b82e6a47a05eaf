import { DRY_RUN, YES } from "../../flags.ts";
import { start, stop } from "../../service/mod.ts";
import { group, type Route, verb } from "../../verb.ts";

export const services: Route = group("The appliance's processes and isolates", {
  status: verb({
    brief: "List the isolates and PostgreSQL with their state",
    description:
      "Ends with status 6 when anything does not run. --detailed asks the gateways for their counters and the\n" +
      "database for the connections of each isolate.",
    flags: {
      detailed: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Counters, memory and connections too",
      },
      health: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "The same: what each part says about itself",
      },
    },
    examples: [
      { line: "infra services status" },
      { line: "infra services status --detailed --json" },
    ],
    exits: ["unavailable"],
    load: () => import("./status.ts"),
  }),
  start,
  stop,
  restart: verb({
    brief: "Stop the appliance and start it in the background",
    description:
      "Comes back on the port it was started with, unless --port or the profile says otherwise. Starts it, too,\n" +
      "when it does not run.",
    examples: [{ line: "infra services restart" }],
    exits: ["failure", "invalid", "unavailable"],
    load: () => import("./restart.ts"),
  }),
  serve: verb({
    brief: "Run the appliance in the foreground",
    description: "What a service manager or a container starts. Ends on SIGINT or SIGTERM.",
    examples: [{ line: "infra services serve --home /var/lib/spgov" }],
    exits: ["failure", "invalid", "unavailable"],
    load: () => import("./serve.ts"),
  }),
  permissions: verb({
    brief: "List what each isolate may do",
    description:
      "The lists are computed from the configuration, as a start computes them. What is not listed is\n" +
      "refused by the runtime.",
    examples: [{ line: "infra services permissions" }],
    exits: ["notFound", "invalid", "unavailable"],
    load: () => import("./permissions.ts"),
  }),
  cleanup: verb({
    brief: "Remove what killed processes and older versions left",
    description:
      "Records and sockets without a process, drafts that were never finished, a database server whose service\n" +
      "was killed, and other versions in the cache that nothing runs from. Touches no other process.",
    flags: { ...DRY_RUN, ...YES },
    examples: [
      { line: "infra services cleanup --dry-run" },
      { line: "infra services cleanup --yes" },
    ],
    exits: ["failure", "unavailable"],
    load: () => import("./cleanup.ts"),
  }),
});
