import { dirname, resolve } from "node:path";
import type { Configuration } from "../config/mod.ts";
import { type ConfiningHost, findConfiningHost, writeLauncher } from "../confinement/mod.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import { homeAt } from "../kernel/home.ts";
import type { Log } from "../kernel/log.ts";
import { SELF_NAME } from "../kernel/self.ts";
import type { StdioUpstream, UpstreamSetup } from "../upstream/mod.ts";
import { activeServers } from "./mcp_servers.ts";

const ADMIN_IDLE_MS = 60_000;

/** Makes ready what egress needs for the servers of a configuration. */
export type PrepareUpstreams = (configuration: Configuration) => Promise<UpstreamSetup>;

export interface UpstreamPlaces {
  readonly home: string;
  /** The folder `services/`: paths of servers are relative to the one that it is in. */
  readonly services: string;
  readonly profilePath: string;
  /** `DATABASE_URL`, if set. */
  readonly databaseUrl: string | undefined;
}

/** Looks at the host once; then the launcher is written anew for each configuration. */
export function createUpstreamSetup(
  { home, services, profilePath, databaseUrl }: UpstreamPlaces,
  log: Log,
): PrepareUpstreams {
  const launcher = homeAt(home).launcher;
  const places = { base: dirname(services), home };
  const variables = {
    SPGOV_HOME: home,
    SPGOV_PROFILE: profilePath,
    ...databaseUrl !== undefined && { DATABASE_URL: databaseUrl },
  };
  let host: Promise<ConfiningHost> | undefined;
  return async ({ mcp, profile }) => {
    host ??= findConfiningHost(Deno.env.toObject());
    const configured = activeServers(mcp, profile.development)
      .map((server) => isAdmin(server) ? adminUpstream(server, variables) : server)
      .filter(isUpstream);
    const servers = await Promise.all(
      configured.map((server) => withAuthority(server, places.base)),
    );
    const children = servers.filter((server) => server.transport === "stdio");
    const plans = await writeLauncher(launcher, children, await host, places);
    for (const { server, problem } of plans) {
      if (problem !== undefined) log.warn("A server cannot be started", { server, problem });
    }
    const open = openNetworks(children, plans);
    if (open.length > 0) {
      log.warn(
        "Nothing cuts the network of servers that are to have none: there is no bubblewrap",
        {
          servers: open,
        },
      );
    }
    return { servers, launcher, plans };
  };
}

/** Servers that say `network: false` on a host that cannot do it. */
function openNetworks(
  children: readonly StdioUpstream[],
  plans: UpstreamSetup["plans"],
): string[] {
  const confined = new Set(
    plans.filter(({ confinement }) => confinement === "bwrap").map(({ server }) => server),
  );
  return children.filter(({ name, network }) => !network && !confined.has(name))
    .map(({ name }) => name);
}

type AdminServer = Extract<Configuration["mcp"][number], { readonly transport: "builtin" }>;

function isAdmin(server: Configuration["mcp"][number]): server is AdminServer {
  return server.transport === "builtin" && server.builtin === "admin";
}

/**
 * The built-in server `admin` is this program's command line in a process of its own: verbs that change
 * something are offered only where the configuration names their tools.
 */
function adminUpstream(
  { name, output_limit_bytes, tools }: AdminServer,
  environment: Readonly<Record<string, string>>,
): StdioUpstream {
  const named = Object.entries(tools).filter(([, { enabled }]) => enabled).map(([tool]) => tool);
  return {
    transport: "stdio",
    name,
    command: SELF_NAME,
    args: ["serve-admin", ...named],
    environment,
    secrets: {},
    network: true,
    isOwn: true,
    isolation: "shared",
    needsDecision: true,
    output_limit_bytes,
    idle_ms: ADMIN_IDLE_MS,
    max_restarts: 0,
  };
}

/** Egress may not read the file: it gets the certificates themselves. */
async function withAuthority<S extends UpstreamServer | StdioUpstream>(
  server: S,
  base: string,
): Promise<S> {
  if (server.transport !== "http" || server.ca === undefined) return server;
  const path = resolve(base, server.ca);
  try {
    return { ...server, ca: await Deno.readTextFile(path) };
  } catch (error) {
    const message = `Cannot read the authority of server "${server.name}": ${messageOf(error)}`;
    throw new AppError("invalid", message, { cause: error });
  }
}

function isUpstream(
  server: Configuration["mcp"][number] | StdioUpstream,
): server is UpstreamServer | StdioUpstream {
  return server.transport !== "builtin";
}

type UpstreamServer = Exclude<Configuration["mcp"][number], { readonly transport: "builtin" }>;
