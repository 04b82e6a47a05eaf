import type postgres from "postgres";

/** Opens a pool of the driver; `onclose` is called whenever one of its connections ended. */
type Open = (onclose: () => void) => postgres.Sql;

export interface RenewedOptions {
  /** Seconds that what still runs on the other connections of a retired pool may take. */
  readonly retireSeconds: number;
}

/**
 * A pool whose connections are never opened a second time. The driver (3.4.9) cannot: when a connection
 * goes away with a write queued, that connection object forgets to write ever after, so every query that
 * is given to it hangs until it times out. Here the first connection that ends retires the driver's pool,
 * and the next query opens a new one.
 */
export function renewed(open: Open, { retireSeconds }: RenewedOptions): postgres.Sql {
  let ending: Promise<void> | undefined;
  const retired = new Set<Promise<void>>();
  let current = openNext();

  function openNext(): postgres.Sql {
    const made: postgres.Sql = open(() => {
      if (ending || current !== made) return;
      current = openNext();
      const end = made.end({ timeout: retireSeconds });
      retired.add(end);
      void end.finally(() => retired.delete(end));
    });
    return made;
  }

  async function endAll(options?: { timeout?: number }): Promise<void> {
    await Promise.all([current.end(options), ...retired]);
  }

  const end = (options?: { timeout?: number }) => ending ??= endAll(options);
  return new Proxy(current, {
    apply: (_, _self, args) =>
      Reflect.apply(current as (...args: unknown[]) => unknown, null, args),
    get: (_, name) => name === "end" ? end : Reflect.get(current, name),
  });
}
