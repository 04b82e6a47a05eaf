import type { Pool } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import type { RecordEvents } from "./events.ts";

/** What a change of users or sessions needs. */
export interface IdentityContext {
  readonly sql: Pool;
  readonly record: RecordEvents;
  readonly clock: Clock;
}

const UNIQUE_VIOLATION = "23505";

/** Runs `work`; a value that must be unique and is taken becomes a `conflict` that says `message`. */
export async function refuseTaken<T>(message: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === UNIQUE_VIOLATION) {
      throw new AppError("conflict", message, { cause });
    }
    throw cause;
  }
}
