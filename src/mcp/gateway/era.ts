import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/server";
import { VERSION } from "../../kernel/version.ts";
import { isObject, objectAt, type Params } from "./message.ts";

/** `modern`: revision 2026-07-28, without sessions; `legacy`: the revisions before it, with a handshake. */
export type Era = "modern" | "legacy";

export const MODERN_VERSION = "2026-07-28";
/** Revisions before 2026-07-28 that are spoken, newest first. */
export const LEGACY_VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const;

/** Who a client says it is and what it can do: passed on, never trusted. */
export interface ClientProfile {
  readonly era: Era;
  readonly version: string;
  readonly info: Params;
  readonly capabilities: Params;
}

const ENVELOPE = [PROTOCOL_VERSION_META_KEY, CLIENT_INFO_META_KEY, CLIENT_CAPABILITIES_META_KEY];
const MODERN_META: ReadonlySet<string> = new Set([...ENVELOPE, LOG_LEVEL_META_KEY]);

/** The client as the envelope of a request of revision 2026-07-28 describes it. */
export function profileOfEnvelope(params: Params | undefined): ClientProfile {
  const meta = objectAt(params, "_meta");
  return {
    era: "modern",
    version: MODERN_VERSION,
    info: objectAt(meta, CLIENT_INFO_META_KEY),
    capabilities: objectAt(meta, CLIENT_CAPABILITIES_META_KEY),
  };
}

/** The level of log messages that a request asks for. */
export function logLevelOf(params: Params | undefined): unknown {
  return objectAt(params, "_meta")[LOG_LEVEL_META_KEY];
}

/** Parameters as an upstream of `era` expects them from this client. */
export function paramsFor(era: Era, params: Params | undefined, client: ClientProfile): Params {
  const { _meta, ...rest } = params ?? {};
  const meta = Object.entries(isObject(_meta) ? _meta : {}).filter(([key]) =>
    !MODERN_META.has(key)
  );
  if (era === "legacy") {
    const { inputResponses: _, requestState: __, ...plain } = rest;
    return meta.length > 0 ? { ...plain, _meta: Object.fromEntries(meta) } : plain;
  }
  const level = logLevelOf(params);
  return {
    ...rest,
    _meta: {
      ...Object.fromEntries(meta),
      [PROTOCOL_VERSION_META_KEY]: MODERN_VERSION,
      [CLIENT_INFO_META_KEY]: infoOf(client),
      [CLIENT_CAPABILITIES_META_KEY]: client.capabilities,
      ...level !== undefined && { [LOG_LEVEL_META_KEY]: level },
    },
  };
}

/** The client's name and version; our own where it does not say, since servers insist. */
export function infoOf({ info }: ClientProfile): Params {
  const isComplete = typeof info["name"] === "string" && typeof info["version"] === "string";
  return isComplete ? info : { name: "spgov", version: VERSION, ...info };
}

/** Methods whose results say how long they may be kept. */
const CACHEABLE: ReadonlySet<string> = new Set([
  "server/discover",
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
  "resources/read",
]);

/** A result as a client of `era` expects it. What a list shows depends on who asks: it is never public. */
export function resultFor(era: Era, method: string, result: Params): Params {
  if (era === "legacy") {
    const { resultType: _, ttlMs: __, cacheScope: ___, ...plain } = result;
    return plain;
  }
  const ttl = typeof result["ttlMs"] === "number" ? result["ttlMs"] : 0;
  return {
    ...result,
    resultType: result["resultType"] ?? "complete",
    ...CACHEABLE.has(method) && { ttlMs: ttl, cacheScope: "private" },
  };
}

/** Capabilities of an upstream as a client of `era` is told them: what either era has not is left out. */
export function capabilitiesFor(era: Era, capabilities: Params): Params {
  const { tasks, ...rest } = capabilities;
  return era === "legacy" && isObject(tasks) ? { ...rest, tasks } : rest;
}
