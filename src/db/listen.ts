import { messageOf } from "../kernel/errors.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import { inTime } from "../kernel/in_time.ts";
import { pause } from "../kernel/pause.ts";
import { openPool, type Pool } from "./pool.ts";

/** What to listen to, and whom to tell. */
export interface ListenOptions {
  readonly channel: string;
  /** Called with the payload of each notification. */
  readonly onNotify: (payload: string) => void;
  /** Called when listening has begun again after a loss: what was announced meanwhile is lost, so read anew. */
  readonly onReconnect?: () => void;
  /** Called when the connection was lost or could not be made; it is tried again until `stop`. */
  readonly onLost?: (reason: string) => void;
  readonly applicationName: string;
  /** Milliseconds between proofs that the connection still carries, and how long one may take; default 5,000. */
  readonly heartbeatMs?: number;
}

/** An open subscription. */
export interface Listener {
  /** Resolves when listening has begun for the first time. */
  readonly ready: Promise<void>;
  /** Closes the connection; no callback is called afterwards. */
  stop(): Promise<void>;
}

const HEARTBEAT_MS = 5000;
const SLOWEST_RETRY_MS = 1000;
/** A busy server may need longer for a new connection than for an answer on one. */
const FASTEST_CONNECT_MS = 1000;
const SILENT = "The database does not answer";

function quoteChannel(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`;
}

/** Listens on one connection until it is lost, which throws, or `signal` says so. */
async function listenOnce(
  pool: Pool,
  lost: AbortSignal,
  { channel, heartbeatMs = HEARTBEAT_MS }: ListenOptions,
  onListening: () => void,
): Promise<void> {
  const connectMs = Math.max(heartbeatMs, FASTEST_CONNECT_MS);
  await inTime(pool.unsafe(`listen ${quoteChannel(channel)}`), connectMs, SILENT);
  onListening();
  while (!lost.aborted) {
    await pause(heartbeatMs, lost);
    if (!lost.aborted) await inTime(pool`select 1`, heartbeatMs, SILENT);
  }
}

/**
 * Subscribes to a channel on a connection of its own and keeps the subscription through losses of the
 * connection: tried again after 50 ms, then ever slower up to 1 s. A connection that is silently dead is
 * noticed by the heartbeat.
 */
export function listen(address: DatabaseAddress, options: ListenOptions): Listener {
  const stopping = new AbortController();
  const ready = Promise.withResolvers<void>();
  let attempt = 0;
  let isFirst = true;
  const endings = new Set<Promise<void>>();
  function onListening(): void {
    attempt = 0;
    if (stopping.signal.aborted) return;
    if (isFirst) ready.resolve();
    else options.onReconnect?.();
    isFirst = false;
  }
  async function runOnce(): Promise<void> {
    const closed = new AbortController();
    const pool = openPool(address, {
      max: 1,
      applicationName: options.applicationName,
      connectTimeoutSeconds: 5,
      onclose: () => closed.abort(),
      onnotify: (_channel, payload) => {
        if (!stopping.signal.aborted) options.onNotify(payload);
      },
    });
    const over = AbortSignal.any([closed.signal, stopping.signal]);
    try {
      await listenOnce(pool, over, options, onListening);
    } finally {
      // Not awaited here: a dead connection takes its time, and the next one is needed at once.
      const ending = pool.end({ timeout: 1 }).finally(() => endings.delete(ending));
      endings.add(ending);
    }
  }
  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const reason = await runOnce().then(() => "The connection was closed", messageOf);
      if (stopping.signal.aborted) return;
      options.onLost?.(reason);
      await pause(Math.min(50 * 2 ** attempt++, SLOWEST_RETRY_MS), stopping.signal);
    }
  }
  const running = run();
  return {
    ready: ready.promise,
    async stop() {
      stopping.abort();
      await running;
      await Promise.all(endings);
    },
  };
}
