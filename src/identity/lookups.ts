import { inTime } from "../kernel/in_time.ts";
import { type Authenticated, type AuthFailure, authFailure } from "./authenticated.ts";
import { failure } from "./token_claims.ts";

type Answer = Authenticated | AuthFailure;

/** Questions under way: whoever asks the same shares the answer, and nobody waits beyond the deadline. */
export class Lookups {
  readonly #deadlineMs: number;
  readonly #running = new Map<string, Promise<Answer>>();

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  /** The answer of the running `work` of this key, else of this one. Never rejects. */
  async join(key: string, work: () => Promise<Answer>): Promise<Answer> {
    const running = this.#running.get(key);
    if (running) return await running;
    const started = withinDeadline(work(), this.#deadlineMs)
      .finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return await started;
  }
}

/** What cannot be found out in time, or at all, is `unavailable`. */
async function withinDeadline(work: Promise<Answer>, deadlineMs: number): Promise<Answer> {
  try {
    return await inTime(work, deadlineMs, "The token could not be checked in time");
  } catch {
    return authFailure(failure("identity_unavailable"), undefined, "unavailable");
  }
}
