import * as z from "zod";
import { parseDuration } from "../kernel/clock.ts";

/** Parameters come as YAML values or as the text after `--param key=`: both read the same. */

/** A job that has no parameters. */
export const NO_PARAMETERS: z.ZodType<Record<string, never>> = z.strictObject({});

/** A whole number. */
export function wholeNumber(min: number, max: number): z.ZodType<number, number | string> {
  return z.union([
    z.int().min(min).max(max),
    z.string().regex(/^-?\d{1,15}$/, "Expected a whole number").transform(Number)
      .pipe(z.int().min(min).max(max)),
  ]);
}

/** `true` or `false`. */
export const yesOrNo: z.ZodType<boolean, boolean | string> = z.union([
  z.boolean(),
  z.enum(["true", "false"]).transform((text) => text === "true"),
]);

/** Milliseconds of `90s`, `24h`, `30d`. */
export const duration: z.ZodType<number, string> = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  context.addIssue({
    code: "custom",
    message: 'Expected a duration such as "90s", "24h" or "30d"',
  });
  return z.NEVER;
});

/** Says what would be done, and does nothing. */
export const dryRun: z.ZodType<boolean, boolean | string | undefined> = yesOrNo.default(false);

const stay = wholeNumber(0, 3650);

/** Days that log lines stay, by level. */
export const LOG_CLEANUP = z.strictObject({
  debug: stay.default(1),
  info: stay.default(7),
  warn: stay.default(30),
  error: stay.default(90),
  /** Instead of those, for every level. */
  days: stay.optional(),
  /** Days more for lines that a collector has not taken yet. */
  waiting: stay.default(7),
  dry_run: dryRun,
});

/** Whole months of the audit that stay beside the current one; 0 keeps every month. */
export const AUDIT_RETENTION = z.strictObject({
  keep_months: wholeNumber(0, 1200).default(0),
  dry_run: dryRun,
});

/** How long an outcome may take to arrive. */
export const OPEN_CALLS = z.strictObject({ after: duration.default(24 * 3_600_000) });

export const SEAL_CHECK = z.strictObject({});

/** Backups that stay. */
export const BACKUP = z.strictObject({ keep: wholeNumber(1, 1000).default(7) });

/** Ages from which on a change is due. */
export const KEY_REMINDER = z.strictObject({
  data_key: duration.default(365 * 86_400_000),
  secrets: duration.default(180 * 86_400_000),
});

/** How long runs of jobs are kept. */
export const JOB_HISTORY = z.strictObject({ keep: duration.default(30 * 86_400_000) });

/** Hours without use after which a session ends; 0 leaves sessions to their own time. */
export const SESSION_EXPIRY = z.strictObject({
  hours: wholeNumber(0, 24 * 365).default(0),
  dry_run: dryRun,
});
