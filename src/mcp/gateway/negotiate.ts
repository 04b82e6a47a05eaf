import { AppError } from "../../kernel/errors.ts";
import {
  type ClientProfile,
  type Era,
  infoOf,
  LEGACY_VERSIONS,
  MODERN_VERSION,
  paramsFor,
} from "./era.ts";
import { objectAt, type Params, type Reply, stringAt } from "./message.ts";
import type { Upstream } from "./upstream.ts";

/** What was agreed with a server. */
export interface Negotiated {
  readonly era: Era;
  readonly version: string;
  readonly capabilities: Params;
  readonly serverInfo: Params;
  readonly instructions: string | undefined;
}

const SERVER_INFO = "io.modelcontextprotocol/serverInfo";
/** Milliseconds that a server has to say that it knows no `server/discover`. */
const DISCOVER_MS = 5000;

/**
 * Greets a server in the era of the client behind us, so that a server that speaks both is spoken to as
 * the client would; in the other era where it does not speak that one.
 */
export async function negotiate(upstream: Upstream, client: ClientProfile): Promise<Negotiated> {
  const ways = client.era === "modern" ? [discover, initialize] : [initialize, discover];
  let refused: Reply | undefined;
  for (const greet of ways) {
    const answer = await greet(upstream, client);
    if ("era" in answer) return answer;
    refused = answer;
  }
  const why = refused && "error" in refused ? `: ${refused.error.message}` : "";
  throw new AppError("unavailable", `The server speaks no revision that is spoken here${why}`);
}

async function discover(upstream: Upstream, client: ClientProfile): Promise<Negotiated | Reply> {
  const { reply } = await upstream.request({
    method: "server/discover",
    params: paramsFor("modern", {}, client),
    signal: AbortSignal.timeout(DISCOVER_MS),
  }).catch((error) => {
    if (upstream.isOpen) return { reply: { error: { code: 0, message: "No answer" } } as Reply };
    throw error;
  });
  if ("error" in reply) return reply;
  const { result } = reply;
  const versions = result["supportedVersions"];
  if (!Array.isArray(versions) || !versions.includes(MODERN_VERSION)) return reply;
  return {
    era: "modern",
    version: MODERN_VERSION,
    capabilities: objectAt(result, "capabilities"),
    serverInfo: objectAt(objectAt(result, "_meta"), SERVER_INFO),
    instructions: stringAt(result, "instructions"),
  };
}

async function initialize(upstream: Upstream, client: ClientProfile): Promise<Negotiated | Reply> {
  const asked = client.era === "legacy" ? client.version : LEGACY_VERSIONS[0];
  const { reply } = await upstream.request({
    method: "initialize",
    params: {
      protocolVersion: asked,
      capabilities: client.capabilities,
      clientInfo: infoOf(client),
    },
    signal: new AbortController().signal,
  });
  if ("error" in reply) return reply;
  const version = stringAt(reply.result, "protocolVersion") ?? "";
  if (!LEGACY_VERSIONS.some((known) => known === version)) return reply;
  upstream.notify("notifications/initialized");
  return {
    era: "legacy",
    version,
    capabilities: objectAt(reply.result, "capabilities"),
    serverInfo: objectAt(reply.result, "serverInfo"),
    instructions: stringAt(reply.result, "instructions"),
  };
}
