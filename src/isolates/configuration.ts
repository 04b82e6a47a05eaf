/// <reference lib="deno.worker" />
import { parseConfiguration, readConfigSources } from "../config/mod.ts";
import { messageOf } from "../kernel/errors.ts";
import { serve } from "../kernel/rpc.ts";
import type { ConfigurationApi, ConfigurationPlaces, LoadResult } from "./protocol.ts";

async function load({ profilePath, services }: ConfigurationPlaces): Promise<LoadResult> {
  try {
    return await parseConfiguration(await readConfigSources(profilePath, services));
  } catch (error) {
    const message = messageOf(error);
    return {
      ok: false,
      diagnostics: [{ file: profilePath, line: 1, column: 1, path: "", message }],
    };
  }
}

serve<ConfigurationApi>(self as unknown as Worker, { load });
