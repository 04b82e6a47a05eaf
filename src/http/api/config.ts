import * as z from "zod";
import { AppError } from "../../kernel/errors.ts";
import type { ApiConfiguration, GatewayContext } from "./context.ts";
import { declareRoutes, paramOf } from "./route.ts";

const read = declareRoutes<GatewayContext>("gateway", "Configuration");

const SECTIONS = [
  ...["profile", "hooks", "roles", "secrets", "blocklist", "limits"] as const,
  ...["agents", "policies", "mcp", "oauth"] as const,
];
type Section = typeof SECTIONS[number];

const overview = z.object({
  revision: z.string().describe("What every decision row carries"),
  files: z.array(z.string()),
  sections: z.array(z.enum(SECTIONS)),
}).meta({ id: "Configuration" });

const section = z.object({
  revision: z.string(),
  name: z.enum(SECTIONS),
  value: z.unknown(),
}).meta({ id: "ConfigurationSection" });

/** What the gateway knows of the configuration: neither the database's address nor how servers are started. */
function sectionOf({ profile, governance, mcp, oauth }: ApiConfiguration, name: Section): unknown {
  const { database: _, ...environment } = profile;
  return { profile: environment, ...governance, mcp, oauth }[name];
}

export const CONFIG_ROUTES = [
  read.item({
    path: "/api/v1/config",
    permission: "config:read",
    summary: "Shows the revision of the configuration in force and what it was read from",
    output: overview,
    run: ({ configuration: { revision, files } }) =>
      Promise.resolve({ revision, files: [...files], sections: [...SECTIONS] }),
  }),
  read.item({
    path: "/api/v1/config/:section",
    permission: "config:read",
    summary: "Shows a section of the configuration in force",
    output: section,
    run({ configuration }, input) {
      const name = SECTIONS.find((each) => each === paramOf(input, "section"));
      if (name === undefined) {
        throw new AppError(
          "not_found",
          `There is no section ${JSON.stringify(paramOf(input, "section"))}`,
        );
      }
      const { revision } = configuration;
      return Promise.resolve({ revision, name, value: sectionOf(configuration, name) });
    },
  }),
];
