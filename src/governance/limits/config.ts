import * as z from "zod";
import { parseDuration } from "../../kernel/clock.ts";

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  context.addIssue({
    code: "custom",
    message: 'Expected a duration such as "60s", "24h" or "30d"',
  });
  return z.NEVER;
});

const amount = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const budget = z.strictObject({
  /** Name in rows and denials. */
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/),
  /** Whose spending one window counts. */
  per: z.enum(["user", "department", "agent", "key", "session"]),
  /** Glob over the subject; all by default. */
  match: z.string().default("*"),
  unit: z.enum(["microdollars", "tokens", "calls"]),
  cap: amount,
  window: duration,
});

const price = z.strictObject({
  /** Glob over the call's target, e.g. `mcp:github/*`. */
  target: z.string(),
  microdollars: amount,
});

/** `services/governance/limits.yaml`: calls a window, and budgets. Durations become milliseconds. */
export const limitsConfig = z.strictObject({
  calls: z.strictObject({
    per_window: z.int().min(1).max(1_000_000),
    window: duration,
    multipliers: z.strictObject({
      admin: z.number().positive().max(1000),
      user: z.number().positive().max(1000),
      a2a: z.number().positive().max(1000),
      mcp: z.number().positive().max(1000),
      service: z.number().positive().max(1000),
      anonymous: z.number().positive().max(1000),
    }),
  }),
  budgets: z.array(budget).default([]),
  prices: z.array(price).default([]),
});

export type LimitsConfig = z.output<typeof limitsConfig>;
export type BudgetConfig = z.output<typeof budget>;
