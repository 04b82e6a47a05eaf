import type { CliContext } from "../context.ts";

export type CheckStatus = "ok" | "warn" | "fail";

export interface Finding {
  readonly status: CheckStatus;
  /** What was found, in one line; never a secret. */
  readonly detail: string;
  /** What to do about it; for `warn` and `fail`. */
  readonly hint?: string;
}

/** One thing that `spgov doctor` looks at. */
export interface Check {
  /** kebab-case, stable: scripts filter on it. */
  readonly name: string;
  /** A check that throws has failed. */
  run(context: CliContext): Finding | Promise<Finding>;
}

export function ok(detail: string): Finding {
  return { status: "ok", detail };
}

export function warn(detail: string, hint: string): Finding {
  return { status: "warn", detail, hint };
}

export function fail(detail: string, hint: string): Finding {
  return { status: "fail", detail, hint };
}
