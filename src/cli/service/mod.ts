import { type Route, verb } from "../verb.ts";

export const start: Route = verb({
  brief: "Start the appliance",
  description:
    "Starts PostgreSQL, the isolates and the listener, and makes the home, its keys and the first admin at " +
    "the first start. Stays in the foreground until SIGINT or SIGTERM unless --detach is given.",
  flags: {
    detach: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Return once it is ready; it goes on in the background",
    },
  },
  examples: [
    { line: "start", says: "in the foreground, with the home ./.spgov" },
    { line: "start --detach --home /var/lib/spgov --port 8443" },
  ],
  exits: ["failure", "invalid", "unavailable"],
  load: () => import("./start.ts"),
});

export const stop: Route = verb({
  brief: "Stop the appliance of this home",
  examples: [{ line: "stop" }],
  exits: ["failure"],
  load: () => import("./stop.ts"),
});

export const status: Route = verb({
  brief: "Say whether the appliance of this home runs and is ready",
  examples: [{ line: "status" }, { line: "status --json" }],
  exits: ["unavailable"],
  load: () => import("./status.ts"),
});
