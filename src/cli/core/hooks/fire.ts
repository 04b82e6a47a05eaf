import { AppError } from "../../../kernel/errors.ts";
import type { Tier } from "../../../kernel/tiers.ts";
import { GOVERN_PATH, hookKindOf, readHookAnswer, TRACK_PATH } from "../../../plugins/mod.ts";
import type { CliContext } from "../../context.ts";
import { fetchDirect } from "../../direct_fetch.ts";
import { EXIT } from "../../exit.ts";
import { findAddress } from "./address.ts";
import { issueHookToken } from "./hook_token.ts";
import { buildPayload, type PayloadFlags } from "./payload.ts";

interface Flags extends PayloadFlags {
  readonly user?: string;
  readonly role?: Tier;
  readonly pluginId?: string;
}

const TTL_MS = 60_000;
const PATIENCE_MS = 10_000;

export default async function fire(this: CliContext, flags: Flags, event: string): Promise<void> {
  const payload = await buildPayload(this, event, flags);
  const { url, isRunning } = await findAddress(this);
  if (!isRunning) {
    throw new AppError("unavailable", `No appliance runs in "${this.home}"`, {
      hint: 'Start it with "spgov start --detach".',
    });
  }
  const { user, role } = flags;
  const { token, session_id } = await issueHookToken(this, {
    ttl: TTL_MS,
    ...user === undefined ? {} : { user },
    ...role === undefined ? {} : { role },
  }, "spgov-cli");
  const response = await send(endpointOf(url, event, flags.pluginId), token, payload);
  const body = await response.json();
  const { outcome, reason } = readHookAnswer(body);
  const headers = Object.fromEntries(response.headers);
  this.out.card({
    kind: "hooks.fire",
    data: { event, decision: outcome, reason, ...namesOf(response), session_id, headers, body },
    fields: {
      decision: outcome,
      reason: reason || null,
      ...namesOf(response),
      session_id,
      limit: limitOf(response),
      body: JSON.stringify(body),
    },
  });
  if (outcome === "deny") this.setExit(EXIT.denied);
}

function endpointOf(url: string, event: string, pluginId: string | undefined): URL {
  const endpoint = new URL(hookKindOf(event) === "observe" ? TRACK_PATH : GOVERN_PATH, url);
  if (pluginId !== undefined) endpoint.searchParams.set("plugin_id", pluginId);
  return endpoint;
}

async function send(url: URL, token: string, payload: unknown): Promise<Response> {
  try {
    return await fetchDirect(url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(payload),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (cause) {
    throw new AppError("unavailable", `Nobody answers at ${url.origin}`, { cause });
  }
}

function namesOf({ headers, status }: Response): Readonly<Record<string, unknown>> {
  return {
    policy: headers.get("policy"),
    decision_id: headers.get("decisionId"),
    trace_id: headers.get("traceId"),
    status,
  };
}

function limitOf({ headers }: Response): string | null {
  const cap = headers.get("RateLimit-Limit");
  if (cap === null) return null;
  const [left, reset] = [headers.get("RateLimit-Remaining"), headers.get("RateLimit-Reset")];
  return `${left} of ${cap} calls left, for ${reset} s`;
}
