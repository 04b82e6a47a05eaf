import assert from "node:assert/strict";
import { createRedactor, SecretBytes } from "../vault/mod.ts";
import { ErrorOutput } from "./error_output.ts";
import { LogRing } from "./log_ring.ts";

const VALUE = "sk-live-4Jd82hGq01LmXz";
const BYTES_A_SECOND = 256 * 1024;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Pushes each text in a second of its own, or in the same where `seconds` repeats. */
function shown(pieces: readonly (readonly [second: number, text: string])[]): string[] {
  const ring = new LogRing();
  const redactor = createRedactor([{ name: "A", value: new SecretBytes(bytes(VALUE)) }]);
  let now = 0;
  const output = new ErrorOutput({ ring, key: "k", redactor, now: () => now });
  for (const [second, text] of pieces) {
    now = second * 1000;
    output.push(bytes(text));
  }
  output.end();
  return ring.list().map(({ text }) => text);
}

Deno.test("a value that is cut where bytes are left out shows neither beginning nor end", () => {
  const flood = "x".repeat(BYTES_A_SECOND);
  const [head, tail] = [VALUE.slice(0, 12), VALUE.slice(12)];
  const lines = shown([
    [1, `first\nkey ${head}`],
    [1, `${tail}${flood}`],
    [1, `more ${head}`],
    [2, `${tail} of the line\nnext\n`],
    [2, `key ${VALUE}\n`],
  ]);
  assert.equal(lines.join("\n").includes(tail), false, lines.join("\n"));
  assert.equal(lines.join("\n").includes(head), false, lines.join("\n"));
  const skipped = `[${tail.length + flood.length + 5 + head.length} bytes were left out]`;
  assert.deepEqual(lines, ["first", "key [redacted:A]", skipped, "next", "key [redacted:A]"]);
});

Deno.test("a child that is ended while it writes a value does not show its beginning", () => {
  assert.deepEqual(shown([[1, `key ${VALUE.slice(0, -1)}`]]), ["key [redacted:A]"]);
});
