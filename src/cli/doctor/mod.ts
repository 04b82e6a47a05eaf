import { type Route, verb } from "../verb.ts";

export const doctor: Route = verb({
  brief: "Check this machine and this home, and say what to do",
  description: "Runs every check and exits 1 when one fails; a warning does not fail.",
  examples: [{ line: "doctor" }, { line: "doctor --json", says: "for a monitor" }],
  exits: ["failure"],
  load: () => import("./doctor.ts"),
});
