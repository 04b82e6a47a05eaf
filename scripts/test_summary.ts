/** What a run of `deno test` says at its end. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The exit status that the run deserves. */
  readonly status: number;
}

// deno-lint-ignore no-control-regex -- colours are control characters
const COLOUR = /\u001b\[[0-9;]*m/g;
const SUMMARY =
  /^(?:ok|FAILED) \| (\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \(\d+ steps?\))?(?: \| (\d+) ignored(?: \(\d+ steps?\))?)?/gm;

/**
 * The counts in the last summary of the output, and the status to leave with. A run that failed without
 * a failed test, or that said nothing (it crashed, or its types are wrong), counts as one failure.
 */
export function countsOf(output: string, exitCode: number): TestCounts {
  const found = [...output.replaceAll(COLOUR, "").matchAll(SUMMARY)].at(-1);
  const [passed = 0, failed = 0, skipped = 0] = (found ?? []).slice(1).map((n) => Number(n ?? 0));
  const broken = failed === 0 && (exitCode !== 0 || found === undefined);
  const status = exitCode !== 0 ? exitCode : broken || failed > 0 ? 1 : 0;
  return { passed, failed: broken ? 1 : failed, skipped, status };
}
