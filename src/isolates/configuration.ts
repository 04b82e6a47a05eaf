/// <reference lib="deno.worker" />
import { parseConfiguration, readConfigSources } from "../config/mod.ts";
import { messageOf } from "../kernel/errors.ts";
import { serve } from "../kernel/rpc.ts";
import type { ConfigurationApi, LoadResult } from "./protocol.ts";

/** Changes come in flocks (an editor writes, renames, writes): wait until it is quiet. */
const QUIET_MS = 150;

interface Places {
  readonly profilePath: string;
  readonly services: string;
}

let places: Places | undefined;
let dirty = Promise.withResolvers<void>();

async function load(): Promise<LoadResult> {
  if (!places) throw new Error("init() first");
  try {
    return await parseConfiguration(await readConfigSources(places.profilePath, places.services));
  } catch (error) {
    const file = places.profilePath;
    return {
      ok: false,
      diagnostics: [{ file, line: 1, column: 1, path: "", message: messageOf(error) }],
    };
  }
}

/** Resolves the next `next()` once a file changed; watches from the start so that no change is missed. */
async function watch({ profilePath, services }: Places): Promise<void> {
  for await (const event of Deno.watchFs([profilePath, services])) {
    if (event.kind !== "access") dirty.resolve();
  }
}

serve<ConfigurationApi>(self as unknown as Worker, {
  init: (at: Places) => {
    places = at;
    void watch(at);
  },
  load,
  next: async () => {
    await dirty.promise;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    dirty = Promise.withResolvers<void>();
    return await load();
  },
});
