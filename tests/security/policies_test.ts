import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  createPolicyStage,
  listPolicyRules,
  loadPolicies,
  type PolicySource,
} from "../../src/governance/policies/mod.ts";
import { type Asked, callOf } from "./blocklist_support.ts";
import type { Tier } from "../../src/kernel/tiers.ts";

function shipped(name: string): PolicySource {
  const url = new URL(`../../services/governance/policies/${name}`, import.meta.url);
  return { file: `services/governance/policies/${name}`, text: readFileSync(url, "utf8") };
}

const schema = shipped("schema.cedarschema");

async function stageOf(text: string) {
  const loaded = await loadPolicies([{ file: "a/test.cedar", text }], schema);
  assert.deepEqual(loaded.problems, []);
  return createPolicyStage(loaded);
}

async function decide(text: string, tool: string, input: unknown, asked: Asked = {}) {
  const stage = await stageOf(text);
  return stage.evaluate({ call: callOf(tool, input, asked), tier: asked.tier ?? "user" });
}

const PERMIT = "permit (principal, action, resource);";

Deno.test("the shipped policies load, permit by default and keep deployments to administrators", async () => {
  const loaded = await loadPolicies([shipped("default.cedar")], schema);
  assert.deepEqual(loaded.problems, []);
  const stage = createPolicyStage(loaded);
  const cases: readonly (readonly [string, Tier, string | undefined])[] = [
    ["Bash", "user", undefined],
    ["mcp__github__create_issue", "user", undefined],
    ["mcp__ci__deploy_production", "user", "policy:production_deploys"],
    ["mcp__ci__deploy_production", "service", "policy:production_deploys"],
    ["mcp__ci__deploy_production", "admin", undefined],
  ];
  for (const [tool, tier, policy] of cases) {
    const result = stage.evaluate({ call: callOf(tool, {}, { tier }), tier });
    assert.equal(result.denial?.policy, policy, `${tool} ${tier}`);
  }
  // The token's tier does not count, only what the agent left of it.
  const lowered = stage.evaluate({
    call: callOf("mcp__ci__deploy_production", {}, { tier: "admin" }),
    tier: "user",
  });
  assert.equal(lowered.denial?.policy, "policy:production_deploys");
  assert.deepEqual(listPolicyRules(loaded).map((rule) => rule.id), [
    "policy:baseline",
    "policy:production_deploys",
  ]);
});

Deno.test("without files the stage passes", async () => {
  const loaded = await loadPolicies([], schema);
  assert.equal(loaded.set, undefined);
  const result = createPolicyStage(loaded).evaluate({ call: callOf("Bash", {}), tier: "user" });
  assert.equal(result.denial, undefined);
});

Deno.test("with policies of which none permits, a call is denied", async () => {
  const text = 'permit (principal in Role::"admin", action, resource);';
  const result = await decide(text, "Bash", {});
  assert.equal(result.denial?.policy, "policy:default_deny");
  assert.equal((await decide(text, "Bash", {}, { tier: "admin" })).denial, undefined);
  const forbidOnly = 'forbid (principal, action, resource == Tool::"tool:Write");';
  assert.equal((await decide(forbidOnly, "Bash", {})).denial?.policy, "policy:default_deny");
});

Deno.test("a policy that fails denies, also where another permits", async () => {
  const text = `${PERMIT}
@id("broken") forbid (principal, action, resource) when { context.input.getTag("nope") == "x" };`;
  const loaded = await loadPolicies([{ file: "x.cedar", text }], undefined);
  const stage = createPolicyStage(loaded);
  const { denial } = stage.evaluate({ call: callOf("Bash", {}), tier: "admin" });
  assert.deepEqual([denial?.policy, denial?.rule], ["policy:error", "broken"]);
});

const FORBIDS: readonly (readonly [string, string, unknown, Asked, boolean])[] = [
  ['when { resource.name == "Bash" }', "Bash", {}, {}, true],
  ['when { resource.name == "Bash" }', "Read", {}, {}, false],
  ['when { resource in Server::"github" }', "mcp__github__x", {}, {}, true],
  ['when { resource in Server::"github" }', "mcp__gitlab__x", {}, {}, false],
  ['when { principal in Department::"finance" }', "Bash", {}, { department: "finance" }, true],
  ['when { principal in Department::"finance" }', "Bash", {}, { department: "sales" }, false],
  ['when { principal in Agent::"x" }', "Bash", {}, { agent: "x" }, true],
  ['when { context has plugin && context.plugin == "p" }', "Bash", {}, { plugin: "p" }, true],
  ['when { context has plugin && context.plugin == "p" }', "Bash", {}, {}, false],
  ["when { context.hour_utc == 3 }", "Bash", {}, {}, true],
  ["when { context.hour_utc == 4 }", "Bash", {}, {}, false],
  ['when { context.session == "session-1" }', "Bash", {}, {}, true],
  ["when { principal.rank < 50 }", "Bash", {}, { tier: "mcp" }, true],
  ["when { principal.rank < 50 }", "Bash", {}, {}, false],
  ['when { action == Action::"submit_prompt" }', "", "hi", { target: "prompt" }, true],
  [
    'when { action == Action::"request_permission" }',
    "Bash",
    {},
    { event: "PermissionRequest" },
    true,
  ],
  ['when { action == Action::"call_model" }', "", {}, { target: "model:a/b" }, true],
];

Deno.test("a forbid sees principal, action, resource and context", async () => {
  for (const [condition, tool, input, asked, denied] of FORBIDS) {
    const text = `${PERMIT}\n@id("rule") forbid (principal, action, resource) ${condition};`;
    const { denial } = await decide(text, tool, input, asked);
    assert.equal(denial?.policy, denied ? "policy:rule" : undefined, `${condition} ${tool}`);
  }
});

Deno.test("a forbid by user concerns that user alone, whoever asked before", async () => {
  const stage = await stageOf(
    `${PERMIT}\n@id("u") forbid (principal == User::"user-2", action, resource);`,
  );
  const ask = (userId: string) =>
    stage.evaluate({ call: callOf("Bash", {}, { userId }), tier: "user" }).denial?.policy;
  assert.deepEqual([ask("user-1"), ask("user-2"), ask("user-1"), ask("user-2")], [
    undefined,
    "policy:u",
    undefined,
    "policy:u",
  ]);
});

Deno.test("a forbid by arguments is asked anew for every call", async () => {
  const stage = await stageOf(
    `${PERMIT}\nforbid (principal, action, resource) when {
      context.input.hasTag("env.name") && context.input.getTag("env.name") like "prod*" };`,
  );
  const ask = (name: string) =>
    stage.evaluate({ call: callOf("mcp__x__run", { env: { name } }), tier: "admin" }).denial
      ?.policy;
  assert.deepEqual([ask("dev"), ask("prod-1"), ask("dev"), ask("production")], [
    undefined,
    "policy:test.cedar#2",
    undefined,
    "policy:test.cedar#2",
  ]);
});

Deno.test("policies learn when the arguments did not fit", async () => {
  const text = `${PERMIT}\n@id("big") forbid (principal, action, resource)
    unless { context.input_complete };`;
  assert.equal((await decide(text, "Bash", { a: "x" })).denial, undefined);
  for (const input of INCOMPLETE) {
    assert.equal((await decide(text, "Bash", input)).denial?.policy, "policy:big");
  }
});

const INCOMPLETE: readonly unknown[] = [
  { a: "x".repeat(1024 * 1024 + 1) },
  Array.from({ length: 5000 }, (_, i) => i),
  { "a.b": "x", a: { b: "y" } },
];

Deno.test("a forbid by arguments cannot be passed by hiding them", async () => {
  const text = `${PERMIT}\n@id("prod") forbid (principal, action, resource) when {
    context.input.hasTag("env.name") && context.input.getTag("env.name") like "prod*" };`;
  const junk = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`junk${i}`, i]));
  const hidden = { env: { name: "production" } };
  for (const input of [{ ...junk, ...hidden }, { ...hidden, "env.name": "dev" }, ...INCOMPLETE]) {
    assert.equal((await decide(text, "Bash", input)).denial?.policy, "policy:error");
  }
  const large = { content: "x".repeat(900_000), env: { name: "dev" } };
  assert.equal((await decide(text, "Write", large)).denial, undefined);
  const last = { content: "x".repeat(900_000), ...hidden };
  assert.equal((await decide(text, "Write", last)).denial?.policy, "policy:prod");
});

Deno.test("hostile arguments neither break a policy nor pass it by", async () => {
  const text = `${PERMIT}\n@id("p") forbid (principal, action, resource)
    when { context.input.hasTag("x") };`;
  const hostile = JSON.parse('{"__proto__": {"y": 1}, "a": "\\ud800", "b": 1e400, "x": null}');
  assert.equal((await decide(text, "Bash", hostile)).denial, undefined);
  assert.equal((await decide(text, "Bash", { ...hostile, x: 0 })).denial?.policy, "policy:p");
});

const BROKEN: readonly (readonly [string, string])[] = [
  ["permit (principal, action, resource)\n", "1:37"],
  ["// é\npermit (principal action, resource);", "2:19"],
  [`${PERMIT}\nforbid (principal, action, resource) when { context.agnt == "x" };`, "2:45"],
  [`${PERMIT}\nforbid (principal, action == Action::"call_tol", resource);`, "2:30"],
  [`@id("a") ${PERMIT}\n@id("a") ${PERMIT}`, "2:1"],
  ["permit (principal == ?principal, action, resource);", "1:1"],
];

Deno.test("what is wrong with a policy is reported at its place, and denies every call", async () => {
  for (const [text, place] of BROKEN) {
    const loaded = await loadPolicies([{ file: "bad.cedar", text }], schema);
    const [problem] = loaded.problems;
    assert.ok(problem, text);
    assert.equal(problem.file, "bad.cedar");
    assert.equal(`${problem.line}:${problem.column}`, place, `${text}: ${problem.message}`);
    const { denial } = createPolicyStage(loaded).evaluate({
      call: callOf("Bash", {}),
      tier: "admin",
    });
    assert.equal(denial?.policy, "policy:error");
  }
  const badSchema = { file: "s.cedarschema", text: "entity User;\nentity é {" };
  const loaded = await loadPolicies([{ file: "x.cedar", text: PERMIT }], badSchema);
  assert.deepEqual(loaded.problems.map((p) => [p.file, p.line]), [["s.cedarschema", 2]]);
});

Deno.test("a stage whose policy set was replaced refuses to ask the wrong one", async () => {
  const old = await stageOf(PERMIT);
  for (let i = 0; i < 8; i++) await stageOf(PERMIT);
  assert.throws(() => old.evaluate({ call: callOf("Bash", {}), tier: "user" }));
});

Deno.test("policies decide in an isolate without any permission", async () => {
  const none = {
    read: false,
    write: false,
    net: false,
    env: false,
    run: false,
    sys: false,
  } as const;
  const worker = new Worker(new URL("./policies_worker.ts", import.meta.url), {
    type: "module",
    deno: { permissions: { ...none, ffi: false, import: false } },
  });
  try {
    const next = () =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message));
      });
    assert.equal(await next(), "ready");
    const text = `${PERMIT} @id("w") forbid (principal, action, resource == Tool::"tool:Bash");`;
    const answer = next();
    worker.postMessage({ sources: [{ file: "w.cedar", text }], call: callOf("Bash", {}) });
    assert.deepEqual(await answer, { readable: false, problems: [], policy: "policy:w" });
  } finally {
    worker.terminate();
  }
});
