import assert from "node:assert/strict";
import { ALLOW, type Correlation, type Decided, deny } from "../../governance/mod.ts";
import { createCallLinks } from "./call_links.ts";

function correlation(sessionId: string): Correlation {
  const none = { userId: "u", taskId: "t", contextId: "none", clientId: "c" };
  return { ...none, sessionId, traceId: `trace of ${sessionId}` };
}

function decided(id: string, decision: Decided["decision"] = ALLOW): Decided {
  const base = { tier: "user", window: undefined, rules: [], recorded: true } as const;
  return { ...base, id, traceId: "t", decision };
}

const asked: string[] = [];
const links = () =>
  createCallLinks((sessionId, toolUseId) => {
    asked.push(`${sessionId} ${toolUseId}`);
    return Promise.resolve("from the database");
  });

Deno.test("a tool use of one session is never another session's", async () => {
  const known = links();
  known.remember(correlation("a"), "toolu_1", decided("of a"));
  assert.equal(known.find("a", "toolu_1")?.callId, "of a");
  assert.equal(known.find("b", "toolu_1"), undefined);
  assert.equal(await known.lookUp("b", "toolu_1"), "from the database");
});

Deno.test("of two sessions that name a tool use alike, each gets its own decision", async () => {
  const known = links();
  known.remember(correlation("a"), "toolu_1", decided("of a"));
  known.remember(correlation("b"), "toolu_1", decided("of b"));
  asked.length = 0;
  assert.equal(await known.lookUp("b", "toolu_1"), "of b");
  assert.equal(await known.lookUp("a", "toolu_1"), "from the database");
  assert.deepEqual(asked, ["a toolu_1"]);
});

Deno.test("what was denied or has no name is not remembered", () => {
  const known = links();
  known.remember(correlation("a"), "toolu_1", decided("no", deny("tool_blocklist", "r", "x")));
  known.remember(correlation("a"), undefined, decided("nameless"));
  assert.equal(known.find("a", "toolu_1"), undefined);
});

Deno.test("what is remembered is bounded, and what is newest stays", () => {
  const known = links();
  for (let i = 0; i < 12_000; i++) known.remember(correlation("a"), `toolu_${i}`, decided(`${i}`));
  assert.equal(known.find("a", "toolu_0"), undefined);
  assert.equal(known.find("a", "toolu_11999")?.callId, "11999");
});
