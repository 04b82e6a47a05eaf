import assert from "node:assert/strict";
import { AppError } from "./errors.ts";
import { checkScopes, scopesReach, scopesWithin } from "./key_scopes.ts";

Deno.test("a scope reaches what it says and nothing that only looks like it", () => {
  for (
    const [scope, permission, reaches] of [
      ["audit:read", "audit:read", true],
      ["audit:read", "audit:readall", false],
      ["audit:*", "audit:read", true],
      ["audit:*", "auditor:read", false],
      ["audit:*", "audit", false],
      ["audit", "audit:read", false],
      ["*", "anything:at_all", true],
    ] as const
  ) assert.equal(scopesReach([scope], permission), reaches, `${scope} ${permission}`);
  assert.equal(scopesReach(undefined, "audit:read"), true);
  assert.equal(scopesReach([], "audit:read"), false);
});

Deno.test("a key within another reaches no further, stars included", () => {
  assert.equal(scopesWithin(["audit:read", "users:read"], ["audit:*", "users:read"]), true);
  assert.equal(scopesWithin(["audit:*"], ["audit:read"]), false);
  assert.equal(scopesWithin(["*"], ["audit:*", "users:*"]), false);
  assert.equal(scopesWithin(["*"], undefined), true);
});

Deno.test("what is no scope is refused", () => {
  assert.deepEqual(checkScopes(["users:read", "audit:*", "users:read"]), ["audit:*", "users:read"]);
  const bad = [[""], ["a b"], ["*:read"], ["users:re*"], ["USERS:READ"], ["__proto__"], [":read"]];
  for (const scopes of [...bad, [], Array.from({ length: 65 }, (_, i) => `a:b${i}`)]) {
    assert.throws(
      () => checkScopes(scopes),
      (error) => error instanceof AppError && error.code === "invalid",
    );
  }
});
