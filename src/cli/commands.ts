import type { Entries } from "./tree.ts";

/**
 * What stands right after `spgov`, in the order in which `--help` lists it: domains and short forms.
 * Only what exists; a domain without a verb is not listed.
 */
export const COMMANDS: Entries = {
  doctor: {
    brief: "Check this machine and this home, and say what to do",
    load: async () => (await import("./doctor/mod.ts")).doctor,
  },
  infra: {
    brief: "What the appliance runs on: database, services, logs",
    load: async () => (await import("./infra/mod.ts")).infra,
  },
  completion: {
    brief: "Print a completion script for a shell",
    load: async () => (await import("./completion/mod.ts")).completion,
  },
};
