import { type ClientProfile, paramsFor } from "./era.ts";
import { objectAt, type Reply } from "./message.ts";
import type { Upstream } from "./upstream.ts";

/** Milliseconds for a server to take up or end a subscription. */
const SUBSCRIBE_MS = 10_000;

/** What is watched at one upstream, for however many watch it. */
interface Watched {
  readonly uris: Map<string, number>;
  lists: number;
  /** Ends the stream of an upstream of revision 2026-07-28. */
  stop?: AbortController;
}

const watched = new WeakMap<Upstream, Watched>();

function of(upstream: Upstream): Watched {
  let entry = watched.get(upstream);
  if (!entry) watched.set(upstream, entry = { uris: new Map(), lists: 0 });
  return entry;
}

/**
 * Makes an upstream say when its lists change. Those before revision 2026-07-28 do by themselves. Answers
 * what ends it.
 */
export function watchLists(upstream: Upstream, client: ClientProfile): () => void {
  const entry = of(upstream);
  if (entry.lists++ === 0) renew(upstream, client);
  let isWatching = true;
  return () => {
    if (!isWatching) return;
    isWatching = false;
    if (--entry.lists === 0) renew(upstream, client);
  };
}

/** Makes an upstream say when a resource changes. */
export async function watchResource(
  upstream: Upstream,
  client: ClientProfile,
  uri: string,
): Promise<Reply> {
  const entry = of(upstream);
  const count = entry.uris.get(uri) ?? 0;
  entry.uris.set(uri, count + 1);
  if (count > 0) return { result: {} };
  if (upstream.era === "modern") {
    renew(upstream, client);
    return { result: {} };
  }
  const reply = await tell(upstream, "resources/subscribe", uri);
  if ("error" in reply) entry.uris.delete(uri);
  return reply;
}

export async function unwatchResource(
  upstream: Upstream,
  client: ClientProfile,
  uri: string,
): Promise<Reply> {
  const entry = of(upstream);
  const count = entry.uris.get(uri) ?? 0;
  if (count > 1) entry.uris.set(uri, count - 1);
  else entry.uris.delete(uri);
  if (count !== 1 || !upstream.isOpen) return { result: {} };
  if (upstream.era === "legacy") return await tell(upstream, "resources/unsubscribe", uri);
  renew(upstream, client);
  return { result: {} };
}

async function tell(upstream: Upstream, method: string, uri: string): Promise<Reply> {
  const signal = AbortSignal.timeout(SUBSCRIBE_MS);
  return (await upstream.request({ method, params: { uri }, signal })).reply;
}

/** One stream for everything that is watched: a change of it is another stream. */
function renew(upstream: Upstream, client: ClientProfile): void {
  if (upstream.era !== "modern" || !upstream.isOpen) return;
  const entry = of(upstream);
  const before = entry.stop;
  delete entry.stop;
  if (entry.lists > 0 || entry.uris.size > 0) {
    const stop = entry.stop = new AbortController();
    void upstream.request({
      method: "subscriptions/listen",
      params: paramsFor("modern", { notifications: filterOf(upstream, entry) }, client),
      signal: stop.signal,
    }).catch(() => undefined); // It ends when it is stopped or the line is.
  }
  before?.abort("cancelled");
}

function filterOf({ capabilities }: Upstream, { lists, uris }: Watched): Record<string, unknown> {
  const changes = (capability: string): boolean =>
    lists > 0 && objectAt(capabilities, capability)["listChanged"] === true;
  return {
    ...changes("tools") && { toolsListChanged: true },
    ...changes("prompts") && { promptsListChanged: true },
    ...changes("resources") && { resourcesListChanged: true },
    ...uris.size > 0 && { resourceSubscriptions: [...uris.keys()] },
  };
}
