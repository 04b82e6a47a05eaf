import assert from "node:assert/strict";
import { type HookEvent, hookResponse, parseHook } from "./mod.ts";

const FIXTURES = new URL("../../../tests/fixtures/hooks/", import.meta.url);
const DENY = { outcome: "deny", reason: "a GitHub token at $.tool_input.command" } as const;
const TOLD = `[GOVERNANCE] ${DENY.reason}`;
const ALLOW = { outcome: "allow", reason: "No rule objects" } as const;

function outcomeOf(name: string, change: Record<string, unknown> = {}): HookEvent {
  const body = JSON.parse(Deno.readTextFileSync(new URL(`${name}.json`, FIXTURES)));
  const parse = parseHook({ ...body, ...change }, "govern");
  assert.ok(parse.ok);
  return parse.event;
}

const UNIVERSAL = {
  decision: "block",
  reason: TOLD,
  hookSpecificOutput: {
    hookEventName: "PreToolUse",
    permissionDecision: "deny",
    permissionDecisionReason: TOLD,
  },
};

Deno.test("a denial has the form that each event's contract wants", () => {
  const deny = (event: string | undefined) => hookResponse(event, DENY, { onAllow: "allow" });
  assert.deepEqual(deny("PreToolUse"), { hookSpecificOutput: UNIVERSAL.hookSpecificOutput });
  assert.deepEqual(deny("PermissionRequest"), {
    hookSpecificOutput: {
      hookEventName: "PermissionRequest",
      decision: { behavior: "deny", message: TOLD },
    },
  });
  assert.deepEqual(deny("UserPromptSubmit"), {
    decision: "block",
    reason: TOLD,
    hookSpecificOutput: { hookEventName: "UserPromptSubmit", suppressOriginalPrompt: true },
  });
  assert.deepEqual(deny("PostToolUse"), { decision: "block", reason: TOLD });
  assert.deepEqual(deny("PostToolUseFailure"), { decision: "block", reason: TOLD });
  assert.deepEqual(deny(undefined), UNIVERSAL);
  assert.deepEqual(deny("SomethingNew"), UNIVERSAL);
});

Deno.test("a denied Stop must not keep the agent running", () => {
  const body = hookResponse("Stop", DENY, { onAllow: "allow" });
  assert.deepEqual(body, { hookSpecificOutput: UNIVERSAL.hookSpecificOutput });
});

Deno.test("an allowance approves, or leaves the client its own rules", () => {
  const allow = (event: string, onAllow: "allow" | "defer") =>
    hookResponse(event, ALLOW, { onAllow });
  assert.deepEqual(allow("PreToolUse", "allow"), {
    hookSpecificOutput: { hookEventName: "PreToolUse", permissionDecision: "allow" },
  });
  assert.deepEqual(allow("PreToolUse", "defer"), {
    hookSpecificOutput: { hookEventName: "PreToolUse" },
  });
  assert.deepEqual(allow("PermissionRequest", "allow"), {
    hookSpecificOutput: { hookEventName: "PermissionRequest", decision: { behavior: "allow" } },
  });
  for (const event of ["UserPromptSubmit", "PostToolUse", "PostToolUseFailure", "Stop"]) {
    assert.deepEqual(allow(event, "allow"), {});
  }
  assert.deepEqual(allow("PermissionRequest", "defer"), {});
});

Deno.test("the tag stands once before the reason", () => {
  const body = hookResponse("PostToolUse", { ...DENY, reason: TOLD }, { onAllow: "allow" });
  assert.equal(body.reason, TOLD);
});

function withheld(event: HookEvent): Record<string, unknown> {
  return hookResponse(event.name, DENY, { onAllow: "allow", withhold: event });
}

Deno.test("a denied output is replaced in its own shape", () => {
  const gone = "[GOVERNANCE] withheld";
  const outputOf = (name: string) =>
    (withheld(outcomeOf(name)).hookSpecificOutput as Record<string, unknown>).updatedToolOutput;
  assert.deepEqual(outputOf("post_tool_use_bash"), {
    stdout: gone,
    stderr: gone,
    interrupted: false,
    isImage: false,
    noOutputExpected: false,
  });
  assert.deepEqual(outputOf("post_tool_use_mcp"), [{ type: "text", text: gone }]);
  assert.deepEqual(outputOf("post_tool_use_read"), {
    type: "text",
    file: { filePath: gone, content: gone, numLines: 3, startLine: 1, totalLines: 3 },
  });
});

Deno.test("a secret is not kept for standing where a field or a shape is named", () => {
  const secret = `gh${"p_"}${"x7Q".repeat(12)}`;
  for (const item of [{ type: secret }, { [secret]: 1 }, { type: "text", a: { [secret]: "" } }]) {
    const body = withheld(outcomeOf("post_tool_use_mcp", { tool_response: [item] }));
    assert.ok(!JSON.stringify(body).includes(secret));
  }
});

Deno.test("where a replacement might be refused the turn ends instead", () => {
  const stop = { decision: "block", reason: TOLD, continue: false, stopReason: TOLD };
  assert.deepEqual(withheld(outcomeOf("post_tool_use_bash", { tool_name: "WebFetch" })), stop);
  const image = [{ type: "image", source: { data: "aGk=" } }];
  assert.deepEqual(withheld(outcomeOf("post_tool_use_mcp", { tool_response: image })), stop);
});

Deno.test("the output of a failed call is not pretended to be withheld", () => {
  const event = outcomeOf("post_tool_use_failure_exit");
  assert.deepEqual(withheld(event), { decision: "block", reason: TOLD });
});
