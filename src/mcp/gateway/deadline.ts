/** Why a call ended before its answer came. */
export type GaveUp = "cancelled" | "timeout";

/** A signal that aborts when the caller gives up or the time is up; its reason is which of them it was. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Lets go of the timer and of the caller's signal. */
  clear(): void;
}

/** A deadline of `ms` milliseconds behind `caller`. */
export function startDeadline(caller: AbortSignal, ms: number): Deadline {
  const controller = new AbortController();
  const cancel = (): void => controller.abort("cancelled" satisfies GaveUp);
  const timer = setTimeout(() => controller.abort("timeout" satisfies GaveUp), ms);
  caller.addEventListener("abort", cancel, { once: true });
  if (caller.aborted) cancel();
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      caller.removeEventListener("abort", cancel);
    },
  };
}
