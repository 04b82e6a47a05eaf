import assert from "node:assert/strict";
import { parseInteger, parseMoment } from "./parse.ts";

const NOW = Date.UTC(2026, 7, 1, 12);
const clock = { now: () => NOW, monotonic: () => 0 };

Deno.test("parseMoment() reads durations back from now and RFC 3339", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["15m", "2026-08-01T11:45:00.000Z"],
    ["24h", "2026-07-31T12:00:00.000Z"],
    ["4w", "2026-07-04T12:00:00.000Z"],
    ["2026-07-01", "2026-07-01T00:00:00.000Z"],
    ["2026-07-01T10:00:00Z", "2026-07-01T10:00:00.000Z"],
    ["2026-07-01 10:00:00.5+02:00", "2026-07-01T08:00:00.500Z"],
  ];
  for (const [text, expected] of cases) {
    assert.equal(parseMoment(text, clock).toISOString(), expected, text);
  }
});

Deno.test("parseMoment() refuses what is ambiguous or impossible", () => {
  const refused = [
    "",
    "7",
    "7 d",
    "-7d",
    "yesterday",
    "07/01/2026",
    "2026-13-01",
    "2026-07-01T10:00:00",
  ];
  for (const text of refused) {
    assert.throws(() => parseMoment(text, clock), { code: "usage" }, text);
  }
});

Deno.test("parseInteger() takes whole decimal numbers in its range only", () => {
  const parse = parseInteger(1, 10);
  assert.equal(parse("10"), 10);
  for (const text of ["0", "11", "1.5", "1e1", "0x1", "", " 1", "ten"]) {
    assert.throws(() => parse(text), { code: "usage" }, text);
  }
});
