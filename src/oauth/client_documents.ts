import type { FetchedDocument } from "../egress/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { documentIdProblem } from "./client_document.ts";
import { RateWindow } from "./rate_window.ts";

export interface DocumentCacheOptions {
  /** Fetches a document over the network, whatever may come of it. */
  readonly fetch: (url: string) => Promise<FetchedDocument>;
  readonly clock: Clock;
}

const CAPACITY = 256;
/** Milliseconds that a document counts, and that a failure does. */
const GOOD_MS = 3_600_000;
const BAD_MS = 60_000;
/** Documents that are fetched at once: each takes an isolate of its own. */
const AT_ONCE = 3;
const PER_MINUTE = 60;
const PER_HOST_AND_MINUTE = 20;

/** Milliseconds that the last good document stands in while its host cannot be asked. */
const STAND_IN_MS = 86_400_000;

interface Entry {
  readonly fetched: FetchedDocument;
  readonly until: number;
  /** When a good document came. */
  readonly cameAt: number;
}

/** Metadata documents of clients, fetched when they are asked for and kept for a while, within bounds. */
export function createDocumentCache(
  { fetch, clock }: DocumentCacheOptions,
): (url: string) => Promise<FetchedDocument> {
  const entries = new Map<string, Entry>();
  const running = new Map<string, Promise<FetchedDocument>>();
  const all = new RateWindow(PER_MINUTE, 60_000, clock.monotonic);
  const byHost = new RateWindow(PER_HOST_AND_MINUTE, 60_000, clock.monotonic);

  function mayFetch(url: string): boolean {
    // By host first: one host alone must not use up what all have together.
    return running.size < AT_ONCE && byHost.take(new URL(url).host) && all.take("all");
  }

  async function fetchAndKeep(url: string): Promise<FetchedDocument> {
    const before = entries.get(url);
    const fetched = await fetch(url);
    const now = clock.monotonic();
    const entry = standsIn(before, fetched, now)
      ? { ...before, until: now + BAD_MS }
      : { fetched, until: now + (fetched.ok ? GOOD_MS : BAD_MS), cameAt: now };
    const oldest = entries.keys().next();
    if (entries.size >= CAPACITY && !oldest.done) entries.delete(oldest.value);
    entries.delete(url);
    entries.set(url, entry);
    return entry.fetched;
  }

  return async (url) => {
    const problem = documentIdProblem(url);
    if (problem) return { ok: false, reason: problem };
    const known = entries.get(url);
    if (known && known.until > clock.monotonic()) return known.fetched;
    const under = running.get(url);
    if (under) return await under;
    if (!mayFetch(url)) return { ok: false, reason: "too many documents are asked for" };
    const fetching = fetchAndKeep(url).finally(() => running.delete(url));
    running.set(url, fetching);
    return await fetching;
  };
}

/** Whether the document of before counts: a host that cannot be asked for a while must not lock its clients out. */
function standsIn(
  before: Entry | undefined,
  fetched: FetchedDocument,
  now: number,
): before is Entry {
  return before?.fetched.ok === true && !fetched.ok && fetched.isTransient === true &&
    now - before.cameAt < STAND_IN_MS;
}
