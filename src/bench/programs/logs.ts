import { moduleUrl } from "../../kernel/assets.ts";
import { openPool, type Pool } from "../../db/mod.ts";
import { createLog } from "../../kernel/log.ts";
import { connect } from "../../kernel/rpc.ts";
import { pause } from "../../kernel/pause.ts";
import { listSinks, openSink, Shipper, TableWriter } from "../../logs/mod.ts";
import type { FloodApi } from "../log_flood.ts";
import { profileSchema } from "../../profile/mod.ts";
import { type Found, loadProgram } from "../load_program.ts";
import { readCall } from "../payloads.ts";
import type { BenchContext, BenchProgram } from "../program.ts";
import { atLeast, below, equal, figure } from "../report.ts";
import { type Bench, drive, tokens } from "../scenario.ts";

/** An hour at 2,000 events a second. */
const BACKLOG = 7_200_000;
const LINES_PER_SECOND = 20_000;
const DECISIONS_PER_SECOND = 3000;
const SESSIONS = 100;
const SECONDS = 10;
const MOST_MEMORY_MB = 100;

export const logs: BenchProgram = loadProgram({
  name: "logs",
  brief: "What log lines cost decisions, and an hour of events for a collector that was down",
  takes: "20 min",
  run,
});

async function run(bench: Bench, context: BenchContext): Promise<Found> {
  const beside = await measureBeside(bench, context);
  const outage = await measureOutage(bench, context, context.rows ?? BACKLOG);
  return {
    measures: [...beside.measures, ...outage.measures],
    notes: [
      `Lines: ${LINES_PER_SECOND} a second taken, searched for credentials and kept in the table ` +
      `beside ${DECISIONS_PER_SECOND} decisions a second, on the same host and database`,
      "Outage: the events of an hour at 2,000 a second are written while the collector is down; then " +
      "it comes back and takes all",
    ],
    details: { ...beside.details, ...outage.details },
  };
}

/** Latency of decisions at a fixed rate without lines and with them, by turns. */
async function measureBeside(bench: Bench, context: BenchContext): Promise<Found> {
  const callers = await tokens(bench, SESSIONS);
  const ms = (context.seconds ?? SECONDS) * 1000;
  const load = () =>
    drive(bench, {
      connections: SESSIONS,
      tokens: callers,
      amount: { ms },
      rate: DECISIONS_PER_SECOND,
      body: readCall,
      signal: context.signal,
    });
  const medians = { without: [] as number[], with: [] as number[] };
  const rates: number[] = [];
  await load();
  for (let round = 0; round < 3 && !context.signal.aborted; round++) {
    context.progress(`Lines beside decisions, round ${round + 1} of 3`);
    medians.without.push((await load()).load.latencyUs.p50);
    const flood = await startFlood(bench);
    medians.with.push((await load()).load.latencyUs.p50);
    rates.push(await flood.stop());
  }
  const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[1] ?? NaN;
  const slower = (middle(medians.with) / middle(medians.without) - 1) * 100;
  return {
    measures: [
      atLeast("log lines kept", middle(rates), LINES_PER_SECOND * 0.99, "/s"),
      below("decisions slower at p50", slower, 5, "%"),
    ],
    notes: [],
    details: { p50_us: medians, lines_per_second: rates },
  };
}

/** Lines as an isolate would say them, in a thread of its own, through the hub that the service has. */
async function startFlood({ service }: Bench): Promise<{ stop(): Promise<number> }> {
  const worker = new Worker(moduleUrl("src/bench/log_flood.ts"), { type: "module" });
  const { remote } = connect<FloodApi>(worker);
  await remote.start(service.database, LINES_PER_SECOND);
  return {
    async stop() {
      const kept = await remote.stop();
      worker.terminate();
      return kept;
    },
  };
}

async function measureOutage(
  { service }: Bench,
  context: BenchContext,
  events: number,
): Promise<Found> {
  const sql = openPool(service.database, { max: 4, applicationName: "spgov bench" });
  const seen = new Set<number>();
  let extra = 0;
  const reserved = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(),
  );
  const { port } = reserved.addr;
  await reserved.shutdown();
  const memory = watchMemory();
  const ending = new AbortController();
  const shipping = startShipper(sql, port, ending.signal);
  context.progress(`Writing ${events} events while the collector is down`);
  const writeStart = performance.now();
  await writeEvents(sql, events, context);
  const writeSeconds = (performance.now() - writeStart) / 1000;
  const whileDown = memory.take();
  const collector = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    async (request) => {
      for (const line of (await request.text()).split("\n")) {
        const n = /"n":(\d+)/.exec(line)?.[1];
        if (n === undefined) continue;
        if (seen.has(Number(n))) extra++;
        seen.add(Number(n));
      }
      return Response.json({ code: 0 });
    },
  );
  const sendStart = performance.now();
  const hasAll = () => seen.size >= events || context.signal.aborted;
  while (!hasAll()) {
    await pause(500);
    context.progress(`${seen.size} of ${events} taken`);
  }
  const sendSeconds = (performance.now() - sendStart) / 1000;
  const whileSending = memory.take();
  ending.abort();
  await shipping;
  const [state] = await listSinks(sql);
  await collector.shutdown();
  await sql.end({ timeout: 5 });
  memory.stop();
  return {
    measures: [
      equal("events lost", events - seen.size, 0),
      figure("events sent twice", extra),
      figure("events taken after the outage", events / sendSeconds, "/s"),
      below("heap while it was down", whileDown, MOST_MEMORY_MB, "MB"),
      // What the collector remembers of each event is in this process, too.
      figure("heap while it was told", whileSending, "MB"),
    ],
    notes: [],
    details: {
      events,
      events_written_per_second: events / writeSeconds,
      sink: { delivered: state?.delivered, refused: state?.refused },
    },
  };
}

async function startShipper(sql: Pool, port: number, signal: AbortSignal): Promise<void> {
  const sink = { name: "bench", type: "splunk", url: `http://127.0.0.1:${port}`, secret: "T" };
  const [config] = profileSchema.parse({
    name: "bench",
    log: { sinks: [{ ...sink, sources: ["logs"], level: "debug", start: "now" }] },
  }).log.sinks;
  if (!config) return;
  const log = createLog({ module: "bench", level: "error" });
  const way = openSink(config, () => Promise.resolve("bench"));
  await new Shipper({ sql, config, sink: way, holder: "bench", log }).run(signal);
}

const AT_ONCE = 5000;

async function writeEvents(sql: Pool, events: number, { signal }: BenchContext): Promise<void> {
  const table = new TableWriter({ sql, writer: "bench-outage/logs", onState: () => {} });
  let text = "";
  createLog({ module: "bench", write: (line) => void (text = line) }).info("An event");
  const line = JSON.parse(text);
  for (let n = 0; n < events && !signal.aborted; n += AT_ONCE) {
    while (!table.hasRoom) await pause(10);
    const count = Math.min(AT_ONCE, events - n);
    table.put(
      Array.from({ length: count }, (_, i) => ({ ...line, fields: { n: n + i } })),
      count * 500,
    );
    await pause(0);
  }
  await table.close(600_000);
}

/** The largest heap since it was last asked, in MB. */
function watchMemory(): { take(): number; stop(): void } {
  let most = 0;
  const look = (): void => {
    const { heapUsed, external } = Deno.memoryUsage();
    most = Math.max(most, (heapUsed + external) / 1e6);
  };
  const timer = setInterval(look, 100);
  return {
    take() {
      look();
      const taken = most;
      most = 0;
      return taken;
    },
    stop: () => clearInterval(timer),
  };
}
