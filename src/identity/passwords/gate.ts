import { AppError } from "../../kernel/errors.ts";

/** Runs work, so much at once and no more; throws `unavailable` when too many wait already. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** A gate through which `atOnce` go together, before which `waiting` may stand, first come first served. */
export function createGate(limits: { readonly atOnce: number; readonly waiting: number }): Gate {
  const queue: (() => void)[] = [];
  let running = 0;
  async function enter(): Promise<void> {
    if (running < limits.atOnce) return void running++;
    if (queue.length >= limits.waiting) {
      throw new AppError("unavailable", "Too many people sign in at this moment", {
        hint: "Try again in a few seconds.",
      });
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    queue.push(resolve);
    await promise;
  }
  return async (work) => {
    await enter();
    try {
      return await work();
    } finally {
      // Whoever is next takes this place; only without one is it free.
      const next = queue.shift();
      if (next) next();
      else running--;
    }
  };
}
