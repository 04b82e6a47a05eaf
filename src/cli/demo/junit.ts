import type { DemoResult } from "./demo.ts";

/** The results as JUnit XML: a test suite for each demo, a test case for each expectation. */
export function toJunit(results: readonly DemoResult[]): string {
  const suites = results.map(suite).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="spgov demo">\n${suites}</testsuites>\n`;
}

function suite({ name, steps, ms, error }: DemoResult): string {
  const cases = [
    ...steps.map(({ text, met, found }) =>
      testCase(name, text, met ? undefined : JSON.stringify(found))
    ),
    ...error === undefined ? [] : [testCase(name, "runs to its end", error)],
  ];
  const failures = steps.filter(({ met }) => !met).length + (error === undefined ? 0 : 1);
  return `  <testsuite name="${escape(name)}" tests="${cases.length}" failures="${failures}" ` +
    `time="${ms / 1000}">\n${cases.join("")}  </testsuite>\n`;
}

function testCase(suiteName: string, name: string, failure: string | undefined): string {
  const open = `    <testcase classname="${escape(suiteName)}" name="${escape(name)}"`;
  if (failure === undefined) return `${open}/>\n`;
  return `${open}><failure message="${escape(failure)}"/></testcase>\n`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    // XML 1.0 has no way to write these.
    // deno-lint-ignore no-control-regex
    .replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, "?");
}
