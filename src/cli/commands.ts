import type { Entries } from "./tree.ts";

/**
 * What stands right after `spgov`, in the order in which `--help` lists it: domains and short forms.
 * Only what exists; a domain without a verb is not listed.
 */
export const COMMANDS: Entries = {
  start: {
    brief: "Start the appliance",
    load: async () => (await import("./service/mod.ts")).start,
  },
  stop: {
    brief: "Stop the appliance of this home",
    load: async () => (await import("./service/mod.ts")).stop,
  },
  status: {
    brief: "Say whether the appliance of this home runs and is ready",
    load: async () => (await import("./service/mod.ts")).status,
  },
  demo: {
    brief: "Show what the appliance does, and check it",
    load: async () => (await import("./demo/mod.ts")).demo,
  },
  bench: {
    brief: "Measure the appliance on this machine",
    load: async () => (await import("./bench/mod.ts")).bench,
  },
  doctor: {
    brief: "Check this machine and this home, and say what to do",
    load: async () => (await import("./doctor/mod.ts")).doctor,
  },
  core: {
    brief: "What agents work with: hooks",
    load: async () => (await import("./core/mod.ts")).core,
  },
  infra: {
    brief: "What the appliance runs on: database, services, jobs, logs",
    load: async () => (await import("./infra/mod.ts")).infra,
  },
  admin: {
    brief: "Who and what may act: users, sessions, configuration",
    load: async () => (await import("./admin/mod.ts")).admin,
  },
  analytics: {
    brief: "What agents do, and what of it is unusual: calls, costs, sessions, anomalies",
    load: async () => (await import("./analytics/mod.ts")).analytics,
  },
  plugins: {
    brief: "What agents reach through the gateway: MCP servers",
    load: async () => (await import("./plugins/mod.ts")).plugins,
  },
  cloud: {
    brief: "What agents are given and never see: secrets",
    load: async () => (await import("./cloud/mod.ts")).cloud,
  },
  completion: {
    brief: "Print a completion script for a shell",
    load: async () => (await import("./completion/mod.ts")).completion,
  },
  "serve-admin": {
    brief: "Serve verbs of the command line as MCP tools on standard input and output",
    hidden: true,
    load: async () => (await import("./serve_admin/mod.ts")).serveAdmin,
  },
  "serve-demo": {
    brief: "Serve an MCP server for demonstrations on standard input and output",
    hidden: true,
    load: async () => (await import("./serve_demo/mod.ts")).serveDemo,
  },
};
