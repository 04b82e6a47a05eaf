import { inTime } from "../../kernel/in_time.ts";
import { VERSION } from "../../kernel/version.ts";
import type { Core } from "./core.ts";
import { capabilitiesFor } from "./era.ts";
import type { Exchange } from "./exchange.ts";
import { isObject, type Params } from "./message.ts";
import { visibleServers } from "./lists.ts";
import { ALL } from "./route.ts";

/** What an endpoint says of itself. */
export interface Description {
  readonly capabilities: Params;
  readonly serverInfo: Params;
  readonly instructions: string | undefined;
}

/** Milliseconds that one of many servers has to say what it can; the others do not wait longer for it. */
const MERGE_MS = 10_000;

/** The server's own description; of all of them together, what any of them can. */
export async function describe(core: Core, exchange: Exchange): Promise<Description> {
  const servers = visibleServers(core, exchange);
  const [only] = servers;
  if (exchange.endpoint !== ALL && only) {
    const { upstream, release } = await core.pool.get(only, exchange);
    const { serverInfo, instructions } = upstream;
    const capabilities = capabilitiesFor(exchange.client.era, upstream.capabilities);
    release();
    return {
      capabilities,
      serverInfo: { name: only.name, version: VERSION, ...serverInfo },
      instructions,
    };
  }
  const described = await Promise.all(servers.map(async (server) => {
    const hold = await inTime(core.pool.get(server, exchange), MERGE_MS, "Too late")
      .catch(() => undefined);
    hold?.release();
    return { server, upstream: hold?.upstream };
  }));
  const instructions = described.flatMap(({ server, upstream }) =>
    upstream?.instructions === undefined
      ? []
      : `## ${server.name} (tools named ${server.name}__…)\n\n${upstream.instructions}`
  );
  return {
    capabilities: described.reduce<Params>(
      (merged, { upstream }) =>
        merge(merged, capabilitiesFor(exchange.client.era, upstream?.capabilities ?? {})),
      {},
    ),
    serverInfo: { name: "spgov", title: "All servers behind spgov", version: VERSION },
    instructions: instructions.length > 0 ? instructions.join("\n\n") : undefined,
  };
}

/** Both capabilities together: what either of them can. */
function merge(a: Params, b: Params): Params {
  const merged: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const before = merged[key];
    merged[key] = isObject(before) && isObject(value) ? merge(before, value) : before || value;
  }
  return merged;
}
