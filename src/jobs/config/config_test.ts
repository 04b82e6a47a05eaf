import assert from "node:assert/strict";
import { parseConfig, type Parsed } from "../../kernel/config_file.ts";
import { type SchedulerConfig, schedulerSchema } from "./config.ts";

const parse = (text: string): Parsed<SchedulerConfig> =>
  parseConfig(schedulerSchema, text, "scheduler/config.yaml");

function problemsOf(text: string): string[] {
  const parsed = parse(text);
  assert.ok(!parsed.ok, text);
  return parsed.diagnostics.map(({ line, column, path, message }) =>
    `${line}:${column} ${path}: ${message}`
  );
}

Deno.test("a file that says nothing leaves every job as it is shipped", () => {
  const parsed = parse("");
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value, { enabled: true, time_zone: "UTC", concurrency: 2, jobs: {} });
});

Deno.test("what is said of a job is taken; durations become milliseconds", () => {
  const parsed = parse(
    'jobs: { grants: { schedule: "0 4 * * *", timeout: 90s, attempts: 3, catch_up: once, enabled: false } }',
  );
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value.jobs.grants, {
    enabled: false,
    schedule: "0 4 * * *",
    timeout: 90_000,
    attempts: 3,
    catch_up: "once",
    parameters: {},
  });
});

Deno.test("unknown jobs, keys and parameters are refused at their place", () => {
  assert.deepEqual(problemsOf("jobs:\n  grant: {}"), [
    '2:3 jobs.grant: Unknown key. Did you mean "grants"?',
  ]);
  assert.deepEqual(problemsOf('jobs:\n  grants: { schedul: "* * * * *" }'), [
    '2:13 jobs.grants.schedul: Unknown key. Did you mean "schedule"?',
  ]);
  assert.deepEqual(problemsOf("jobs:\n  grants:\n    parameters: { days: 3 }"), [
    "3:19 jobs.grants.parameters.days: Unknown key",
  ]);
});

Deno.test("schedules, zones and sizes that make no sense are refused, all at once", () => {
  const problems = problemsOf(`
time_zone: Mars/Base
concurrency: 0
jobs:
  grants: { schedule: "0 0 31 2 *", timeout: 3 weeks, attempts: 99 }
  sign-ins: { schedule: 5, timeout: 30d, catch_up: always }
`);
  assert.equal(problems.length, 8, problems.join("\n"));
  assert.match(problems.join("\n"), /Europe\/Berlin/);
  assert.match(problems.join("\n"), /never comes/);
});

Deno.test("a file that grows without end when it is read is refused at once", () => {
  const bomb = ['a: &a ["x","x","x","x","x","x","x","x","x"]'];
  for (let level = 1; level < 12; level++) {
    const before = String.fromCharCode(96 + level);
    const name = String.fromCharCode(97 + level);
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(",")}]`);
  }
  assert.match(problemsOf(bomb.join("\n")).join("\n"), /alias/i);
  assert.match(problemsOf("jobs: ".padEnd(100_000, "[")).join("\n"), /./);
  assert.match(problemsOf(`${"[".repeat(20_000)}${"]".repeat(20_000)}`).join("\n"), /./);
  assert.match(problemsOf(`${"{a: ".repeat(20_000)}${"}".repeat(20_000)}`).join("\n"), /./);
  assert.match(problemsOf("a: &a [*a]").join("\n"), /./);
});
