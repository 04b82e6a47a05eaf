import { fetchDirect } from "../../direct_fetch.ts";

/** What one isolate counts: names as `/metrics` has them, without the product's prefix. */
export interface IsolateMetrics {
  readonly isolate: string;
  readonly values: Readonly<Record<string, number>>;
}

const PATIENCE_MS = 3000;

/** The numbers of every isolate of the service at `url`, as far as they have no labels of their own. */
export async function readMetrics(url: string): Promise<IsolateMetrics[]> {
  const response = await fetchDirect(`${url}/metrics`, {
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return parseMetrics(await response.text());
}

/** Reads Prometheus text. */
export function parseMetrics(text: string): IsolateMetrics[] {
  const isolates = new Map<string, Record<string, number>>();
  const lines = text.matchAll(/^(?:spgov_)?(\w+)\{isolate="([^"]*)"\} (\S+)$/gm);
  for (const [, name = "", isolate = "", value = ""] of lines) {
    const values = isolates.get(isolate) ?? {};
    isolates.set(isolate, values);
    values[name] = Number(value);
  }
  return Array.from(isolates, ([isolate, values]) => ({ isolate, values }))
    .sort((a, b) => a.isolate < b.isolate ? -1 : 1);
}
