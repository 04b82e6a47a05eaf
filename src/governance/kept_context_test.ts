import assert from "node:assert/strict";
import { createKeepContext } from "./kept_context.ts";
import { secretsConfig } from "./secrets/config.ts";
import { createSecretScanner } from "./secrets/mod.ts";

const TOKEN = `gh${"p_"}${"x7Qk2mV9".repeat(4)}aB3d`;
const scanner = () => createSecretScanner(secretsConfig.parse({}), new Uint8Array(32));

Deno.test("a context is kept in order, the same one again as it was", () => {
  const keep = createKeepContext();
  const rules = scanner();
  const first = keep(rules, { cwd: "/home/dev", client_address: "127.0.0.1" });
  assert.deepEqual(Object.keys(first), ["client_address", "cwd"]);
  assert.equal(keep(rules, { cwd: "/home/dev", client_address: "127.0.0.1" }), first);
  assert.notEqual(keep(rules, { cwd: "/home/dev2", client_address: "127.0.0.1" }), first);
});

Deno.test("a secret in a context is taken out, however often the context comes", () => {
  const keep = createKeepContext();
  const rules = scanner();
  for (let i = 0; i < 3; i++) {
    const kept = keep(rules, { note: `export T=${TOKEN}`, a: 1 });
    assert.ok(!JSON.stringify(kept).includes(TOKEN.slice(8, 20)));
    assert.match(String(kept["note"]), /\[redacted:github/);
  }
});

Deno.test("what one set of rules let through is looked at again under the next", () => {
  const keep = createKeepContext();
  const strict = scanner();
  const kinds = strict.scan(TOKEN, "$").findings.map(({ kind }) => kind);
  const lenient = createSecretScanner(secretsConfig.parse({ disabled: kinds }), new Uint8Array(32));
  const context = { note: `the word is ${TOKEN}` };
  assert.deepEqual(keep(lenient, context), context);
  assert.match(String(keep(strict, context)["note"]), /^the word is \[redacted:/);
});

Deno.test("a context that cannot be searched to its end is left out", () => {
  const kept = createKeepContext()(scanner(), { big: "x".repeat(1_200_000) });
  assert.deepEqual(kept, { omitted: "[redacted:unscanned]" });
});
