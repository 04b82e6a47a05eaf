import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { Isolate } from "./spawn.ts";

/** An isolate that is started again whenever it fails. */
export interface Kept<Api> {
  /** The one that runs now; while it is started again, the one that failed. */
  readonly current: Isolate<Api>;
  /** Starts another in its place, which takes over before the old one is stopped. Throws as the start does. */
  renew(): Promise<void>;
  stop(): Promise<void>;
}

const RESTART_MS = 200;
const SLOWEST_RESTART_MS = 5000;

/**
 * Starts an isolate and keeps it: `start` is called again, ever slower up to 5 s, until it succeeds. The
 * first start is the caller's: its failure is thrown.
 */
export async function keepIsolate<Api extends { stop(): Promise<void> }>(
  name: string,
  start: () => Promise<Isolate<Api>>,
  log: Log,
  onRestart: (name: string) => void = () => {},
): Promise<Kept<Api>> {
  let current = await start();
  let isStopping = false;
  /** Old ones that are on their way out. */
  let ending: Promise<unknown> = Promise.resolve();
  watch();

  function watch(): void {
    const watched = current;
    void watched.crashed.then((reason) => watched === current ? replace(reason) : undefined);
  }

  async function end({ remote, terminate }: Isolate<Api>): Promise<void> {
    // Typed by its own functions, which a generic parameter hides.
    await (remote as { stop(): Promise<unknown> }).stop().catch(() => undefined);
    terminate();
  }

  async function replace(reason: string): Promise<void> {
    current.terminate();
    for (let wait = RESTART_MS; !isStopping; wait = Math.min(wait * 2, SLOWEST_RESTART_MS)) {
      log.error("An isolate failed; it is started again", { isolate: name, reason });
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (isStopping) return;
      try {
        current = await start();
        onRestart(name);
        log.warn("The isolate is back", { isolate: name });
        return watch();
      } catch (error) {
        reason = messageOf(error);
      }
    }
  }

  return {
    get current() {
      return current;
    },
    async renew() {
      const old = current;
      current = await start();
      watch();
      ending = Promise.all([ending, end(old)]);
    },
    async stop() {
      isStopping = true;
      await Promise.all([ending, end(current)]);
    },
  };
}
