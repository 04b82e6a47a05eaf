import assert from "node:assert/strict";
import { createSecretScanner, secretsConfig } from "../../src/governance/secrets/mod.ts";

const scanner = createSecretScanner(secretsConfig.parse({}), new TextEncoder().encode("test key"));
const SECRET = `ghp_${"k3Jd8sPq2Lm9".repeat(3)}`;

Deno.test("redaction keeps nothing of what could not be searched to its end", () => {
  const encoded = btoa(SECRET);
  const filler = "password=abcdefgh ".repeat(50_000);
  for (const text of [`${encoded} ${filler}`, `${filler} ${SECRET}`]) {
    const input = { command: text, [SECRET]: 1, codes: [103, 104, 112] };
    assert.ok(scanner.scan(input, "$").exhausted);
    const kept = JSON.stringify(scanner.redact(input, "$").value);
    assert.ok(!kept.includes(SECRET) && !kept.includes(encoded));
    assert.ok(!kept.includes("103"));
  }
});
