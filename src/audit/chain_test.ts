import assert from "node:assert/strict";
import { canonicalRow, genesisRoot, leafOf, nextRoot } from "./chain.ts";
import type { AuditRow } from "./event.ts";

function row(detail: Record<string, unknown>): AuditRow {
  return {
    id: "018f0000-0000-7000-8000-000000000000",
    createdAt: 0,
    kind: "decision",
    callId: "018f0000-0000-7000-8000-000000000000",
    userId: "u",
    sessionId: "s",
    taskId: "t",
    traceId: "tr",
    contextId: "c",
    clientId: "cl",
    role: "user",
    surface: "hook",
    target: "tool:Bash",
    decision: "allow",
    policy: "default_allow",
    detail,
    costMicrodollars: 0,
    latencyUs: 12,
  };
}

Deno.test("canonicalRow() has the 18 columns of the table", () => {
  assert.equal(Object.keys(JSON.parse(canonicalRow(row({})))).length, 18);
});

Deno.test("canonicalRow() makes NUL and lone surrogates visible, and only those", () => {
  const { detail } = JSON.parse(
    canonicalRow(
      row({ "k\0": "a\0b", lone: "x\ud800y", pair: "\ud83d\ude00", literal: "\\u0000" }),
    ),
  );
  assert.deepEqual(detail, {
    "k\\u0000": "a\\u0000b",
    lone: "x\\ud800y",
    pair: "\ud83d\ude00",
    literal: "\\u0000",
  });
});

Deno.test("canonicalRow() keeps a __proto__ member next to a NUL", () => {
  const { detail } = JSON.parse(canonicalRow(row(JSON.parse('{"__proto__":"x","n":"\\u0000"}'))));
  assert.deepEqual(Object.keys(detail), ["__proto__", "n"]);
});

Deno.test("nextRoot() depends on every leaf, their order and the root before", () => {
  const a = leafOf("a");
  const b = leafOf("b");
  const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
  const roots = [
    nextRoot(genesisRoot("w"), join(a, b)),
    nextRoot(genesisRoot("w"), join(b, a)),
    nextRoot(genesisRoot("w"), a),
    nextRoot(genesisRoot("v"), join(a, b)),
  ];
  assert.equal(new Set(roots.map((root) => root.toString())).size, 4);
});
