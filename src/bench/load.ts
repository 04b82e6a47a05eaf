import { type Connection, openConnection } from "./connection.ts";
import { createHistogram, type Histogram, type Percentiles, percentilesOf } from "./histogram.ts";
import type { RequestTemplate } from "./request.ts";
import type { Answer, Frame, Outcome } from "./response.ts";

export interface LoadOptions {
  readonly hostname: string;
  readonly port: number;
  readonly connections: number;
  /** What each connection sends in turn; the sessions are spread over the connections this way. */
  readonly templates: (connection: number) => readonly RequestTemplate[];
  /** Requests to send, or milliseconds to go on sending. */
  readonly amount: { readonly count: number } | { readonly ms: number };
  /**
   * Arrivals a second. Without it the loop is closed: each connection sends as soon as it has its answer.
   * With it the loop is open: latency counts from when the request was due, so a stall of the server is
   * counted for every request that it delayed.
   */
  readonly rate?: number;
  /** Whether opening the connections is part of what is measured; default: they are opened before. */
  readonly connectInside?: boolean;
  /** Number of the first request; numbers must not repeat where rows are compared. Default 0. */
  readonly firstSerial?: number;
  /** Milliseconds after which an answer is given up; default 10,000. */
  readonly timeoutMs?: number;
  /** What a response means; default: what hooks answer. */
  readonly understand?: (frame: Frame) => Answer;
  readonly onAnswer?: (answer: Answer, serial: number) => void;
  readonly signal?: AbortSignal;
}

export interface LoadResult {
  readonly seconds: number;
  readonly sent: number;
  /** Requests that got an answer of whatever kind. */
  readonly answered: number;
  /** Answers by what they say; they add up to `answered`. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** What went wrong, by message: answers that are no decision, and requests without an answer. */
  readonly errors: Readonly<Record<string, number>>;
  /** Arrivals of an open loop for which no connection became free in time. */
  readonly unsent: number;
  readonly perSecond: number;
  /** Microseconds from the start of a request (open loop: from when it was due) to its answer. */
  readonly latencyUs: Percentiles;
  /** Open loop: microseconds by which the generator itself was late, for want of a finer timer. */
  readonly lagUs: Percentiles;
  /** Number of the next request. */
  readonly nextSerial: number;
}

interface Arrival {
  readonly serial: number;
  /** `performance.now()` when it is due; undefined for now. */
  readonly due: number | undefined;
}

interface Tally {
  sent: number;

  readonly outcomes: Record<Outcome, number>;
  readonly errors: Record<string, number>;
  readonly latency: Histogram;
  readonly lag: Histogram;
}

interface Run {
  readonly options: LoadOptions;
  readonly tally: Tally;
  readonly timeoutMs: number;
  next(): Arrival | undefined;
  /** The connections in use, for whoever watches over their patience. */
  readonly open: Set<Connection>;
}

const RETRY_MS = 20;

/** Sends what `options` say and measures the answers. Rejects only if no connection can be opened at first. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const ready = options.connectInside ? [] : await openAll(options);
  const start = performance.now();
  const arrivals = planArrivals(options, start);
  const run: Run = {
    options,
    tally: newTally(),
    timeoutMs: options.timeoutMs ?? 10_000,
    next: arrivals.next,
    open: new Set(ready),
  };
  const watch = setInterval(() => giveUpLate(run), 250);
  try {
    await Promise.all(
      Array.from(
        { length: options.connections },
        (_, index) => keepSending(run, index, ready[index]),
      ),
    );
  } finally {
    clearInterval(watch);
    for (const connection of run.open) connection.close();
  }
  return resultOf(run.tally, (performance.now() - start) / 1000, arrivals);
}

async function openAll(
  { hostname, port, connections, understand }: LoadOptions,
): Promise<Connection[]> {
  const attempts = await Promise.allSettled(
    Array.from({ length: connections }, () => openConnection(hostname, port, understand)),
  );
  const failed = attempts.find((attempt) => attempt.status === "rejected");
  const opened = attempts.flatMap((a) => a.status === "fulfilled" ? [a.value] : []);
  if (!failed) return opened;
  for (const connection of opened) connection.close();
  throw failed.reason;
}

interface Arrivals {
  next(): Arrival | undefined;
  nextSerial(): number;
  /** Arrivals that were due and that nobody took. */
  missed(): number;
}

function planArrivals(
  { amount, rate, firstSerial = 0, signal }: LoadOptions,
  start: number,
): Arrivals {
  const end = "ms" in amount ? start + amount.ms : Infinity;
  const last = "count" in amount
    ? firstSerial + amount.count
    : rate === undefined
    ? Infinity
    : firstSerial + Math.round(rate * amount.ms / 1000);
  let serial = firstSerial;
  return {
    next() {
      if (serial >= last || signal?.aborted || performance.now() >= end) return undefined;
      const due = rate === undefined ? undefined : start + (serial - firstSerial) * 1000 / rate;
      return { serial: serial++, due };
    },
    nextSerial: () => serial,
    missed: () => rate === undefined || last === Infinity ? 0 : last - serial,
  };
}

/** One connection's work until nothing is left to send. */
async function keepSending(run: Run, index: number, opened: Connection | undefined): Promise<void> {
  const templates = run.options.templates(index);
  let connection = opened;
  let turn = 0;
  for (let arrival = run.next(); arrival; arrival = run.next()) {
    const template = templates[turn++ % templates.length];
    if (!template) throw new RangeError(`Connection ${index} has nothing to send`);
    if (arrival.due !== undefined) await waitUntil(arrival.due, run.tally.lag);
    const start = arrival.due ?? performance.now();
    run.tally.sent++;
    try {
      connection ??= await connect(run);
      const answer = await connection.exchange(template.at(arrival.serial));
      settle(run, arrival, answer, performance.now() - start);
    } catch (error) {
      count(run.tally.errors, messageOf(error));
      if (connection) drop(run, connection);
      connection = undefined;
      await pause(RETRY_MS);
    }
  }
  if (connection) drop(run, connection);
}

async function connect({ options, open }: Run): Promise<Connection> {
  const connection = await openConnection(options.hostname, options.port, options.understand);
  open.add(connection);
  return connection;
}

function drop({ open }: Run, connection: Connection): void {
  open.delete(connection);
  connection.close();
}

function settle({ tally, options }: Run, { serial }: Arrival, answer: Answer, ms: number): void {
  tally.latency.record(ms * 1000);
  tally.outcomes[answer.outcome]++;
  if (answer.outcome === "error") count(tally.errors, answer.problem ?? "error");
  options.onAnswer?.(answer, serial);
}

function count(errors: Record<string, number>, message: string): void {
  errors[message] = (errors[message] ?? 0) + 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Closes connections whose answer is overdue: reading from them then fails, which counts as an error. */
function giveUpLate({ open, timeoutMs }: Run): void {
  const limit = performance.now() - timeoutMs;
  for (const connection of open) {
    if ((connection.waitingSince ?? Infinity) < limit) connection.close();
  }
}

/** Waits for a moment, and records by how much it was missed; a moment that is past is nobody's lateness. */
async function waitUntil(due: number, lag: Histogram): Promise<void> {
  const wait = due - performance.now();
  if (wait <= 0) return;
  await pause(wait);
  lag.record(Math.max(0, performance.now() - due) * 1000);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function newTally(): Tally {
  return {
    sent: 0,
    outcomes: { allow: 0, deny: 0, limited: 0, unavailable: 0, error: 0 },
    errors: {},
    latency: createHistogram(),
    lag: createHistogram(),
  };
}

function resultOf(tally: Tally, seconds: number, arrivals: Arrivals): LoadResult {
  const { latency, lag, outcomes, errors, sent } = tally;
  return {
    seconds,
    sent,
    answered: latency.count,
    outcomes,
    errors,
    unsent: arrivals.missed(),
    perSecond: latency.count / seconds,
    latencyUs: percentilesOf(latency),
    lagUs: percentilesOf(lag),
    nextSerial: arrivals.nextSerial(),
  };
}
