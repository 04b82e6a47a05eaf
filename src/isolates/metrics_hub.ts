import { inTime } from "../kernel/in_time.ts";
import { serve } from "../kernel/rpc.ts";
import type { Family, Registry, Snapshot } from "../metrics/mod.ts";

/** What an isolate serves to whoever collects. */
export interface MetricsSource {
  metrics(): Promise<readonly Family[]>;
}

/** What the supervisor serves: the numbers of every isolate. */
export interface MetricsHub {
  collect(): Promise<readonly Snapshot[]>;
}

/** An isolate that is asked. */
export interface Source {
  readonly name: string;
  metrics(): Promise<readonly Family[]>;
}

const PATIENCE_MS = 1000;
/** Whoever asks again within this time gets the same. */
const KEPT_MS = 500;

/** Makes the function that asks every isolate. One that does not answer in time is down, and the others are told. */
export function createCollector(
  sources: () => readonly Source[],
  own: Registry,
): () => Promise<readonly Snapshot[]> {
  async function collect(): Promise<readonly Snapshot[]> {
    const answers = await Promise.all(sources().map(ask));
    return [...answers, { isolate: "supervisor", families: await own.families() }];
  }
  let last: { readonly at: number; readonly answer: Promise<readonly Snapshot[]> } | undefined;
  return () => {
    const now = performance.now();
    if (!last || now - last.at > KEPT_MS) last = { at: now, answer: collect() };
    return last.answer;
  };
}

async function ask({ name, metrics }: Source): Promise<Snapshot> {
  const start = performance.now();
  try {
    const families = await inTime(metrics(), PATIENCE_MS, `${name} does not answer`);
    const seconds = (performance.now() - start) / 1000;
    return { isolate: name, families: [...families, up(1), waited(seconds)] };
  } catch {
    return { isolate: name, families: [up(0)] };
  }
}

function up(value: number): Family {
  return gauge("spgov.isolate.up", "1", "1 when the isolate answers", value);
}

/** An isolate that is busy answers late: its event loop is what calls wait for, too. */
function waited(seconds: number): Family {
  return gauge("spgov.isolate.response", "s", "How long the isolate took to answer", seconds);
}

function gauge(name: string, unit: string, help: string, value: number): Family {
  return { name, unit, help, kind: "gauge", points: [{ labels: {}, value }] };
}

/** Serves the collector; answers the other end of the line. */
export function serveMetrics(collect: MetricsHub["collect"]): MessagePort {
  const { port1, port2 } = new MessageChannel();
  serve<MetricsHub>(port1, { collect });
  port1.start();
  return port2;
}
