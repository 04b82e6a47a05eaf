import assert from "node:assert/strict";
import {
  type HookEvent,
  type HookParse,
  type HookSurface,
  parseHook,
  targetOfTool,
} from "./mod.ts";

const FIXTURES = new URL("../../../tests/fixtures/hooks/", import.meta.url);

function load(name: string): Record<string, unknown> {
  return JSON.parse(Deno.readTextFileSync(new URL(`${name}.json`, FIXTURES)));
}

function accepted(parse: HookParse): HookEvent {
  assert.ok(parse.ok, parse.ok ? "" : parse.reason);
  return parse.event;
}

function refused(body: unknown, surface: HookSurface = "govern"): string {
  const parse = parseHook(body, surface);
  assert.equal(parse.ok, false, "the body must be refused");
  return parse.ok ? "" : parse.rule;
}

/** Captured from the client: file, endpoint, kind, target, input path, agent, outcome. */
const CAPTURED: readonly (readonly [string, HookSurface, ...unknown[]])[] = [
  ["pre_tool_use_bash", "govern", "tool", "tool:Bash", "$.tool_input", undefined, undefined],
  [
    "pre_tool_use_mcp",
    "govern",
    "tool",
    "mcp:github/create_issue",
    "$.tool_input",
    undefined,
    undefined,
  ],
  ["pre_tool_use_agent", "govern", "tool", "tool:Agent", "$.tool_input", undefined, undefined],
  [
    "pre_tool_use_in_subagent",
    "govern",
    "tool",
    "tool:Agent",
    "$.tool_input",
    "general-purpose",
    undefined,
  ],
  [
    "pre_tool_use_main_agent",
    "govern",
    "tool",
    "tool:Bash",
    "$.tool_input",
    "general-purpose",
    undefined,
  ],
  ["permission_request_bash", "govern", "permission", "tool:Bash", "$.tool_input", undefined],
  ["permission_request_mcp", "govern", "permission", "mcp:github/create_issue", "$.tool_input"],
  ["user_prompt_submit", "govern", "prompt", "prompt", "$.prompt", undefined, undefined],
  ["post_tool_use_bash", "govern", "outcome", "tool:Bash", "$.tool_response", undefined, "ok"],
  ["post_tool_use_read", "track", "outcome", "tool:Read", "$.tool_response", undefined, "ok"],
  [
    "post_tool_use_mcp",
    "govern",
    "outcome",
    "mcp:github/create_issue",
    "$.tool_response",
    undefined,
    "ok",
  ],
  ["post_tool_use_failure_exit", "govern", "outcome", "tool:Bash", "$.error", undefined, "error"],
  [
    "post_tool_use_failure_timeout",
    "govern",
    "outcome",
    "tool:Bash",
    "$.error",
    undefined,
    "timeout",
  ],
  [
    "post_tool_use_failure_mcp",
    "track",
    "outcome",
    "mcp:github/create_issue",
    "$.error",
    undefined,
    "error",
  ],
  ["subagent_start", "track", "observe", "event:SubagentStart", "$", "general-purpose", undefined],
  ["subagent_stop", "track", "observe", "event:SubagentStop", "$", "general-purpose", undefined],
  ["stop", "track", "observe", "event:Stop", "$", undefined, undefined],
  ["session_end", "track", "observe", "event:SessionEnd", "$", undefined, undefined],
  ["message_display", "track", "observe", "event:MessageDisplay", "$", undefined, undefined],
  ["post_tool_batch", "track", "observe", "event:PostToolBatch", "$", undefined, undefined],
  ["user_prompt_expansion", "track", "observe", "event:UserPromptExpansion", "$"],
];

Deno.test("every captured payload is translated and none of its fields is lost", () => {
  for (const [name, surface, kind, target, inputPath, agent, outcome] of CAPTURED) {
    const body = load(name);
    const event = accepted(parseHook(body, surface));
    assert.deepEqual(
      [event.kind, event.target, event.inputPath, event.agent, event.outcome],
      [kind, target, inputPath, agent, outcome],
      name,
    );
    assert.equal(event.name, body.hook_event_name);
    assert.equal(event.clientSessionId, body.session_id);
    assert.equal(event.toolUseId, body.tool_use_id);
    assert.deepEqual(rebuild(event), body, name);
  }
});

/** The body again, from its translation. */
function rebuild(event: HookEvent): Record<string, unknown> {
  const parts: [string, unknown][] = [
    ["hook_event_name", event.name],
    ["session_id", event.clientSessionId],
    ["tool_use_id", event.toolUseId],
    ["tool_name", event.tool === "" ? undefined : event.tool],
    ["agent_type", event.agent],
  ];
  if (event.inputPath !== "$") parts.push([event.inputPath.slice(2), event.input]);
  const known = Object.fromEntries(parts.filter(([, value]) => value !== undefined));
  return { ...event.context, ...known };
}

Deno.test("the whole fixture folder is covered", () => {
  const files = [...Deno.readDirSync(FIXTURES)].map((file) => file.name.replace(".json", ""));
  assert.deepEqual(files.sort(), CAPTURED.map(([name]) => name).sort());
});

Deno.test("events that are unknown, missing or at the wrong endpoint are refused", () => {
  const body = load("pre_tool_use_bash");
  const event = (name: unknown) => ({ ...body, hook_event_name: name });
  assert.equal(refused(event("NoSuchEvent")), "unknown_event");
  assert.equal(refused(event("pretooluse")), "unknown_event");
  assert.equal(refused(event("PreToolUse ")), "unknown_event");
  assert.equal(refused(event(["PreToolUse"])), "unknown_event");
  assert.equal(refused(event(null)), "unknown_event");
  assert.equal(refused(event("toString")), "unknown_event");
  assert.equal(refused(event(undefined)), "missing_event");
  assert.equal(refused(event("Stop")), "wrong_endpoint");
  assert.equal(refused(event("SessionStart")), "wrong_endpoint");
  assert.equal(refused(body, "track"), "wrong_endpoint");
  assert.equal(refused(load("user_prompt_submit"), "track"), "wrong_endpoint");
});

Deno.test("a body that is no object is refused", () => {
  for (const body of [null, undefined, [], [{}], "PreToolUse", 1, true]) {
    assert.equal(refused(body), "invalid_body");
  }
  assert.equal(refused({}), "missing_event");
});

Deno.test("a field of a wrong type is refused and its value not repeated", () => {
  const secret = `gh${"p_"}${"x7Q".repeat(12)}`;
  const bad: [string, string, unknown][] = [
    ["pre_tool_use_bash", "tool_name", 1],
    ["pre_tool_use_bash", "tool_name", ""],
    ["pre_tool_use_bash", "tool_name", undefined],
    ["pre_tool_use_bash", "tool_name", "Ba\u0000sh"],
    ["pre_tool_use_bash", "tool_name", `Bash\n${secret}`],
    ["pre_tool_use_bash", "tool_name", "B".repeat(257)],
    ["pre_tool_use_bash", "tool_input", secret],
    ["pre_tool_use_bash", "tool_input", [secret]],
    ["pre_tool_use_bash", "tool_input", null],
    ["pre_tool_use_bash", "tool_input", undefined],
    ["pre_tool_use_bash", "session_id", { id: secret }],
    ["pre_tool_use_bash", "tool_use_id", 7],
    ["pre_tool_use_bash", "agent_type", [secret]],
    ["pre_tool_use_bash", "agent_id", null],
    ["permission_request_bash", "tool_input", secret],
    ["user_prompt_submit", "prompt", [secret]],
    ["user_prompt_submit", "prompt", undefined],
    ["post_tool_use_bash", "tool_name", {}],
    ["post_tool_use_failure_exit", "error", { message: secret }],
  ];
  for (const [name, field, value] of bad) {
    const parse = parseHook({ ...load(name), [field]: value }, "govern");
    assert.ok(!parse.ok, `${name} with a wrong ${field}`);
    assert.equal(parse.rule, "invalid_field");
    assert.equal(parse.event, load(name).hook_event_name);
    assert.ok(parse.reason.startsWith(field), parse.reason);
    assert.ok(!JSON.stringify(parse).includes(secret.slice(4, 12)), "no part of the value");
  }
});

Deno.test("a prototype in the body neither supplies fields nor changes anything", () => {
  const smuggled = JSON.parse(
    '{"__proto__": {"hook_event_name": "UserPromptSubmit", "prompt": "hi"}}',
  );
  assert.equal(refused(smuggled), "missing_event");
  const body = JSON.parse(
    '{"hook_event_name": "UserPromptSubmit", "prompt": "hi", "x": {"__proto__": {"admin": 1}}, ' +
      '"__proto__": {"agent_id": "root", "session_id": "s"}, "constructor": {"prototype": {"y": 1}}}',
  );
  const event = accepted(parseHook(body, "govern"));
  assert.equal(event.agent, undefined);
  assert.equal(event.clientSessionId, undefined);
  assert.equal(Object.getPrototypeOf(event.context), Object.prototype);
  assert.equal(Object.hasOwn(event.context, "__proto__"), true);
  assert.equal(Object.hasOwn(Object.prototype, "admin"), false);
  assert.equal(({} as Record<string, unknown>).y, undefined);
});

Deno.test("ids nested in arguments or unknown fields are not taken for the call's own", () => {
  const event = accepted(parseHook({
    hook_event_name: "PreToolUse",
    tool_name: "Bash",
    tool_input: { session_id: "inner", agent_type: "admin", tool_use_id: "t" },
    extra: { session_id: "other", hook_event_name: "Stop" },
  }, "govern"));
  assert.equal(event.clientSessionId, undefined);
  assert.equal(event.agent, undefined);
  assert.equal(event.toolUseId, undefined);
  assert.deepEqual(event.context, { extra: { session_id: "other", hook_event_name: "Stop" } });
});

Deno.test("the agent's name wins over the number of its run, which is kept", () => {
  const body = load("pre_tool_use_in_subagent");
  const named = accepted(parseHook(body, "govern"));
  assert.equal(named.agent, "general-purpose");
  assert.equal(named.context.agent_id, body.agent_id);
  const { agent_type: _, ...unnamed } = body;
  assert.equal(accepted(parseHook(unnamed, "govern")).agent, body.agent_id);
});

Deno.test("what is kept of unknown fields is bounded", () => {
  const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, { a: [i] }]));
  let deep: unknown = "bottom";
  for (let i = 0; i < 2000; i++) deep = { deep };
  const body = { ...load("user_prompt_submit"), wide, deep, list: new Array(9999).fill("x") };
  const event = accepted(parseHook({ ...body, long: "s".repeat(900_000) }, "govern"));
  assert.ok(JSON.stringify(event.context).length < 20_000);
  assert.equal(event.context.long, "(omitted: 900000 characters)");
  assert.ok(!JSON.stringify(event.context).includes("bottom"));
});

Deno.test("the examined input is not cut", () => {
  const prompt = "p".repeat(900_000);
  const event = accepted(parseHook({ ...load("user_prompt_submit"), prompt }, "govern"));
  assert.equal(event.input, prompt);
  assert.equal("prompt" in event.context, false);
});

Deno.test("an interrupted call is an outcome of its own", () => {
  const done = load("post_tool_use_bash");
  const response = { ...done.tool_response as object, interrupted: true };
  const parse = parseHook({ ...done, tool_response: response }, "govern");
  assert.equal(accepted(parse).outcome, "cancelled");
  const failed = { ...load("post_tool_use_failure_timeout"), is_interrupt: true };
  assert.equal(accepted(parseHook(failed, "govern")).outcome, "cancelled");
});

Deno.test("targets of tools", () => {
  assert.equal(targetOfTool("Bash"), "tool:Bash");
  assert.equal(targetOfTool("mcp__github__create_issue"), "mcp:github/create_issue");
  assert.equal(targetOfTool("mcp__a__b__c"), "mcp:a/b__c");
  assert.equal(targetOfTool("mcp__plugin_x_y__z-1"), "mcp:plugin_x_y/z-1");
  assert.equal(targetOfTool("mcp__github"), "tool:mcp__github");
  assert.equal(targetOfTool("mcp____x"), "tool:mcp____x");
  assert.equal(targetOfTool("mcp__a/b__c"), "tool:mcp__a/b__c");
});
