/** Lets so many through at once; the others wait in line. */
export class Slots {
  readonly #limit: () => number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** Takes a slot; answers what gives it back. Rejects with the signal's reason when it aborts first. */
  async take(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw signal.reason;
    if (this.#taken >= this.#limit()) await this.#wait(signal);
    this.#taken++;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#taken--;
      this.#waiting.shift()?.();
    };
  }

  async #wait(signal: AbortSignal): Promise<void> {
    while (this.#taken >= this.#limit()) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(resolve), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.push(resolve);
      await promise.finally(() => signal.removeEventListener("abort", abort));
    }
  }
}
