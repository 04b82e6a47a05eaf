/** Characters that one call may hold, 1 MiB and some room for its envelope. */
export const MAX_TEXT = 1_114_112;
/** Steps one call may take: a step is one character read, decoded or verified. */
export const MAX_STEPS = 12_000_000;
/** Levels of nesting of objects and arrays. */
export const MAX_NESTING = 64;
/** Credentials that one call may hold: each is fingerprinted, and a handful is enough to refuse it. */
export const MAX_HITS = 1000;
/** Encodings undone inside one another. */
export const MAX_DECODES = 3;

/** What a call has used up. Once `exhausted`, nothing further is scanned. */
export interface Budget {
  steps: number;
  text: number;
  exhausted: boolean;
}

/** A fresh budget for one call. */
export function newBudget(): Budget {
  return { steps: 0, text: 0, exhausted: false };
}

/** Takes `steps`; false, and exhausted for good, when they are not to be had. */
export function spend(budget: Budget, steps: number): boolean {
  budget.steps += steps;
  if (budget.steps > MAX_STEPS) budget.exhausted = true;
  return !budget.exhausted;
}
