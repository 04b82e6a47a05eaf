import { WINDOW_CONSTRAINT } from "./batch_store.ts";

/**
 * What to do about a failed commit: `poison`, find the row that the database refuses; `window`, ask what the
 * windows hold; `busy`, try again; `connection`, ask the head whether it arrived.
 */
export type CommitFailure = "poison" | "window" | "busy" | "connection";

/** SQLSTATE classes: PostgreSQL documentation, appendix A. */
export function causeOf(error: unknown): CommitFailure {
  const { code = "", constraint_name: constraint } = error as {
    code?: string;
    constraint_name?: string;
  };
  if (constraint === WINDOW_CONSTRAINT) return "window";
  // Every SQLSTATE has a digit; what has none is the system's own: EPIPE looks like one otherwise.
  if (!/^(?=.*\d)[0-9A-Z]{5}$/.test(code)) {
    return error instanceof TypeError ? "poison" : "connection";
  }
  if (/^(22|23|54)/.test(code)) return "poison";
  if (/^(08|57P)/.test(code)) return "connection";
  return "busy";
}
