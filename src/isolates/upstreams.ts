import { dirname } from "node:path";
import type { Configuration } from "../config/mod.ts";
import { type ConfiningHost, findConfiningHost, writeLauncher } from "../confinement/mod.ts";
import { homeAt } from "../kernel/home.ts";
import type { Log } from "../kernel/log.ts";
import type { UpstreamSetup } from "../upstream/mod.ts";
import { activeServers } from "./mcp_servers.ts";

/** Makes ready what egress needs for the servers of a configuration. */
export type PrepareUpstreams = (configuration: Configuration) => Promise<UpstreamSetup>;

export interface UpstreamPlaces {
  readonly home: string;
  /** The folder `services/`: paths of servers are relative to the one that it is in. */
  readonly services: string;
}

/** Looks at the host once; then the launcher is written anew for each configuration. */
export function createUpstreamSetup(
  { home, services }: UpstreamPlaces,
  log: Log,
): PrepareUpstreams {
  const launcher = homeAt(home).launcher;
  const places = { base: dirname(services), home };
  let host: Promise<ConfiningHost> | undefined;
  return async ({ mcp, profile }) => {
    host ??= findConfiningHost(Deno.env.toObject());
    const servers = activeServers(mcp, profile.development).filter(isUpstream);
    const children = servers.filter((server) => server.transport === "stdio");
    const plans = await writeLauncher(launcher, children, await host, places);
    for (const { server, problem } of plans) {
      if (problem !== undefined) log.warn("A server cannot be started", { server, problem });
    }
    return { servers, launcher, plans };
  };
}

function isUpstream(server: Configuration["mcp"][number]): server is UpstreamServer {
  return server.transport !== "builtin";
}

type UpstreamServer = Exclude<Configuration["mcp"][number], { readonly transport: "builtin" }>;
