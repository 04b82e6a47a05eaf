import assert from "node:assert/strict";
import { isTimeZone, nextTime, scheduleProblem } from "./cron.ts";
import { JOBS } from "./shipped.ts";

const after = (text: string, at: string, zone = "UTC") =>
  nextTime(text, zone, new Date(at))?.toISOString();

Deno.test("the next time is later than the one given, in the zone given", () => {
  assert.equal(after("15 3 * * *", "2026-11-25T03:15:00Z"), "2026-11-26T03:15:00.000Z");
  assert.equal(
    after("15 3 * * *", "2026-11-25T00:00:00Z", "Europe/Berlin"),
    "2026-11-25T02:15:00.000Z",
  );
  assert.equal(after("30 * * * * *", "2026-11-25T00:00:00Z"), "2026-11-25T00:00:30.000Z");
});

Deno.test("an hour that is skipped or doubled gives each day one run", () => {
  // 2026-03-29 02:00 becomes 03:00; 2026-10-25 03:00 becomes 02:00 again.
  const berlin = (at: string) => after("30 2 * * *", at, "Europe/Berlin");
  assert.equal(berlin("2026-03-28T12:00:00Z"), "2026-03-29T01:00:00.000Z");
  assert.equal(berlin("2026-10-24T12:00:00Z"), "2026-10-25T00:30:00.000Z");
  assert.equal(berlin("2026-10-25T00:30:00Z"), "2026-10-26T01:30:00.000Z");
});

Deno.test("nonsense is no schedule, and says so at once", () => {
  for (
    const text of [
      "",
      " ",
      "daily",
      "@reboot",
      "* * * *",
      "* * * * * * *",
      "61 * * * *",
      "*/0 * * * *",
      "9-1 * * * *",
      "? ? * * *",
      "5/15 * * * *",
      "2026-01-01T00:00:00",
      "0 0 * * *#6",
      "0 0 31 2 *",
      "0 0 31 2,4,6,9,11 *",
      "0 0 * * MONDAYS",
      "; rm -rf / * *",
      "0,".repeat(100_000) + "0 * * * *",
    ]
  ) {
    assert.ok(scheduleProblem(text), text.slice(0, 40));
  }
});

Deno.test("every shipped job has a schedule, a name of its own and a moderate timeout", () => {
  for (const { name, schedule, timeoutMs, attempts } of JOBS) {
    assert.equal(scheduleProblem(schedule), undefined, name);
    assert.match(name, /^[a-z][a-z0-9-]{0,62}$/);
    assert.ok(timeoutMs >= 1000 && attempts >= 1, name);
  }
  assert.equal(new Set(JOBS.map(({ name }) => name)).size, JOBS.length);
});

Deno.test("time zones are those that the runtime knows", () => {
  assert.ok(isTimeZone("UTC") && isTimeZone("Europe/Berlin"));
  assert.ok(!isTimeZone("Mars/Base") && !isTimeZone(""));
});
