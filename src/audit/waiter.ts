import { AppError } from "../kernel/errors.ts";
import type { Charge, WrittenEntry } from "./batch.ts";

/** An entry that is durable: the charge that refused it, if one did, and its windows afterwards. */
export interface Committed {
  readonly refusedBy: Charge | undefined;
  readonly windows: readonly WindowRoom[];
}

/** A window as a caller is told of it. */
export interface WindowRoom {
  readonly key: string;
  readonly cap: number;
  readonly remaining: number;
  readonly resetMs: number;
}

/** An entry whose caller waits for it to be durable. */
export interface Waiter {
  readonly entry: WrittenEntry;
  /** Monotonic milliseconds at which the caller is refused. */
  readonly deadline: number;
  /** True once the caller was refused or is due its answer: nobody may decide otherwise any more. */
  settled: boolean;
  resolve(committed: Committed): void;
  reject(error: AppError): void;
}

/** Those who still wait. */
export function unsettled(waiters: readonly Waiter[]): readonly Waiter[] {
  return waiters.filter((waiter) => !waiter.settled);
}

/** Refuses those who still wait. */
export function rejectAll(waiters: readonly Waiter[], error: AppError): void {
  for (const waiter of unsettled(waiters)) {
    waiter.settled = true;
    waiter.reject(error);
  }
}

/** Why an entry could not be made durable. */
export function unavailable(message: string): AppError {
  return new AppError("unavailable", message);
}
