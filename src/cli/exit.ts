import { type ErrorCode, SURFACES } from "../kernel/errors.ts";

/** What the shell sees. The numbers of errors come from `SURFACES`; these names are for verbs. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  invalid: 5,
  unavailable: 6,
} as const;

export type ExitName = keyof typeof EXIT;
export type ExitStatus = typeof EXIT[ExitName];

/** What each exit status means, as `--help` prints it. */
export const EXIT_MEANINGS: Readonly<Record<ExitName, string>> = {
  ok: "success",
  failure: "failure",
  usage: "wrong usage",
  notFound: "not found",
  denied: "denied",
  invalid: "invalid configuration or data",
  unavailable: "service or database unavailable",
};

/** The exit status of an error code. */
export function exitStatusOf(code: ErrorCode): ExitStatus {
  return SURFACES[code].exit;
}
