import assert from "node:assert/strict";
import { type Caller, createCall } from "./call.ts";
import { deny, type StageName } from "./decision.ts";
import { evaluate } from "./pipeline.ts";
import type { Stage, StageResult } from "./stages/stage.ts";

const caller: Caller = {
  correlation: {
    userId: "u",
    sessionId: "s",
    taskId: "t",
    traceId: "tr",
    contextId: "c",
    clientId: "cl",
  },
  tier: "user",
  department: undefined,
};
const call = createCall(caller, {
  surface: "hook",
  event: "PreToolUse",
  target: "tool:Read",
  tool: "Read",
  input: {},
  inputPath: "$.tool_input",
  agent: undefined,
  plugin: undefined,
  context: {},
}, 0);

function stage(name: StageName, evaluate: () => StageResult): Stage {
  return { name, evaluate };
}

const pass = (name: StageName): Stage =>
  stage(name, () => ({ rules: [{ stage: name, rule: "r", verdict: "pass", us: 1 }] }));

Deno.test("evaluate() has no denial when every stage passes", () => {
  const { denial, rules } = evaluate([pass("scope"), pass("secrets")], call, "user");
  assert.equal(denial, undefined);
  assert.deepEqual(rules.map((rule) => rule.verdict), ["pass", "pass"]);
});

Deno.test("evaluate() stops at the first denial and records the rest as skipped", () => {
  const denial = deny("scope_restriction", "role_target", "no");
  const denying = stage("scope", () => ({
    rules: [{ stage: "scope", rule: "role_target", verdict: "deny", us: 1 }],
    denial,
  }));
  const never = stage("secrets", () => assert.fail("must not run"));
  const result = evaluate([denying, never, pass("blocklist")], call, "user");
  assert.deepEqual(result.denial, denial);
  assert.deepEqual(result.rules.map((rule) => rule.verdict), ["deny", "skipped", "skipped"]);
});

Deno.test("evaluate() denies when a stage throws, without the thrown text", () => {
  const broken = stage("policies", () => {
    throw new Error("secret text");
  });
  const result = evaluate([broken], call, "user");
  assert.equal(result.denial?.policy, "stage_error");
  assert.equal(JSON.stringify(result).includes("secret text"), false);
});
