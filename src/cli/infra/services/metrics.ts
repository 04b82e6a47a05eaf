import { fetchDirect } from "../../direct_fetch.ts";

/** What one gateway counts: names as `/metrics` has them, without the product's prefix. */
export interface GatewayMetrics {
  readonly isolate: string;
  readonly values: Readonly<Record<string, number>>;
}

const PATIENCE_MS = 3000;
/** Each new connection goes to any gateway: so many tries for each of them. */
const TRIES_EACH = 12;

/**
 * Asks the gateways behind `url` for their counters. They share the port, so that who answers is left to
 * the kernel; one that did not come up within the tries is missing.
 */
export async function readMetrics(url: string, gateways: number): Promise<GatewayMetrics[]> {
  const found = new Map<string, GatewayMetrics>();
  for (let n = 0; n < gateways * TRIES_EACH && found.size < gateways; n++) {
    const metrics = parseMetrics(await readText(`${url}/metrics`));
    found.set(metrics.isolate, metrics);
  }
  return [...found.values()].sort((a, b) => a.isolate < b.isolate ? -1 : 1);
}

/** Reads Prometheus text of one gateway. */
export function parseMetrics(text: string): GatewayMetrics {
  const lines = text.matchAll(/^spgov_(\w+)\{isolate="([^"]*)"\} (\S+)$/gm);
  const found = [...lines].map(([, name = "", isolate = "", value = ""]) => ({
    name,
    isolate,
    value: Number(value),
  }));
  return {
    isolate: found[0]?.isolate ?? "unknown",
    values: Object.fromEntries(found.map(({ name, value }) => [name, value])),
  };
}

async function readText(url: string): Promise<string> {
  const response = await fetchDirect(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  return await response.text();
}
