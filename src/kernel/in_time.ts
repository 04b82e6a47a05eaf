import { AppError } from "./errors.ts";

/** What `work` answers, or a rejection as `unavailable` with `message` once `ms` milliseconds are over. */
export async function inTime<T>(work: PromiseLike<T>, ms: number, message: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new AppError("unavailable", message)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
