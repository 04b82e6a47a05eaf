import { findAddress } from "../kernel/networks.ts";
import { PROMETHEUS_TYPE } from "../metrics/mod.ts";
import { admit, type ApiGuard } from "./api/guard.ts";
import { answerFailure } from "./api/response.ts";
import { bearerOf } from "./protocol/hooks.ts";

export interface MetricsDependencies extends ApiGuard {
  /** Prometheus text of every isolate. */
  metrics(): Promise<string>;
}

interface MetricsRequest {
  readonly request: Request;
  /** The client's address, behind trusted proxies. */
  readonly address: string;
}

/**
 * `GET /metrics`, for whoever asks on this host, and for tokens with `metrics:read` from elsewhere. What a
 * proxy of this host hands on comes from elsewhere.
 */
export async function answerMetrics(
  deps: MetricsDependencies,
  request: MetricsRequest,
): Promise<Response> {
  const { address } = request;
  try {
    if (!isLocal(request)) {
      await admit(deps, { token: bearerOf(request.request), address }, "metrics:read");
    }
  } catch (error) {
    return answerFailure(error);
  }
  return new Response(await deps.metrics(), {
    headers: { "content-type": PROMETHEUS_TYPE, "cache-control": "no-store" },
  });
}

/** What a service that listens everywhere is known as to the command line beside it. */
const ANY_ADDRESS = ["0.0.0.0", "[::]"];
const FORWARDED = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/** Asked on this host, under a name that only this host has: a page's own name may lead here as well. */
function isLocal({ request, address }: MetricsRequest): boolean {
  const host = new URL(request.url).hostname;
  return isLoopback(address) && (isLoopback(host) || ANY_ADDRESS.includes(host)) &&
    !FORWARDED.some((name) => request.headers.has(name));
}

function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "");
  if (name === "localhost") return true;
  const address = findAddress(name);
  return address === "::1" || /^127\./.test(address ?? "");
}
