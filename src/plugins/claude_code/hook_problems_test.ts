import assert from "node:assert/strict";
import { claudeHookSettings, findHookProblems, listHooks, readHookAnswer } from "./mod.ts";

const OURS = claudeHookSettings({
  url: "http://127.0.0.1:8080",
  token: { value: "aaa.bbb.ccc" },
  pluginId: "p",
});

const GOVERN = "http://127.0.0.1:8080/api/public/hooks/govern?plugin_id=p";

function rules(settings: unknown): string[] {
  return findHookProblems(settings).filter(({ severity }) => severity === "error")
    .map(({ rule }) => rule).sort();
}

/** Our settings with one entry changed. */
function changed(event: string, change: Readonly<Record<string, unknown>>): unknown {
  const [group] = OURS.hooks[event] ?? [];
  const hooks = [{ ...group?.hooks[0], ...change }];
  return { hooks: { ...OURS.hooks, [event]: [{ matcher: "*", hooks }] } };
}

Deno.test("what install writes has nothing wrong with it", () => {
  assert.deepEqual(findHookProblems(OURS), []);
  const byVariable = claudeHookSettings({
    url: "https://gov.example.test",
    token: { env: "SPGOV_HOOK_TOKEN" },
    pluginId: "p",
  });
  assert.deepEqual(findHookProblems(byVariable), []);
});

Deno.test("hooks that let calls go ahead, or that nobody can answer, are errors", () => {
  const cases: readonly (readonly [unknown, readonly string[]])[] = [
    [changed("PreToolUse", { onFailure: undefined }), ["fails_open"]],
    [changed("PreToolUse", { onFailure: "continue" }), ["fails_open"]],
    [changed("PreToolUse", { headers: {} }), ["no_authorization"]],
    [changed("PreToolUse", { headers: { authorization: "Bearer " } }), ["no_authorization"]],
    [changed("PreToolUse", { headers: { Authorization: "Bearer ${T}" } }), [
      "variable_not_allowed",
    ]],
    [changed("PreToolUse", { timeout: "5000" }), ["timeout_type"]],
    [changed("PreToolUse", { timeout: 0 }), ["timeout_type"]],
    [changed("PreToolUse", { type: "htpp" }), ["not_governed", "unknown_type"]],
    [changed("PreToolUse", { url: GOVERN.replace("govern", "track") }), ["wrong_endpoint"]],
    [changed("Stop", { url: GOVERN }), ["wrong_endpoint"]],
    [{ hooks: { ...OURS.hooks, PreToolUse: [] } }, ["not_governed"]],
    [{ hooks: { ...OURS.hooks, PreToolUse: {} } }, ["not_a_list", "not_governed"]],
    [{ hooks: { ...OURS.hooks, Stop: [{ matcher: "*" }] } }, ["no_hooks_list"]],
    [{ ...OURS, disableAllHooks: true }, ["disabled"]],
    [{ ...OURS, allowedHttpHookUrls: ["https://other.test/*"] }, ["url_not_allowed"]],
    [{ ...OURS, allowedHttpHookUrls: ["http://127.0.0.1:8080/*"] }, []],
    [[], ["not_an_object"]],
    [{}, []],
  ];
  for (const [settings, expected] of cases) {
    const found = rules(settings);
    for (const rule of expected) {
      assert.ok(found.includes(rule), `${rule} of ${JSON.stringify(found)}`);
    }
    if (expected.length === 0) assert.deepEqual(found, []);
  }
});

Deno.test("a command that forgets body, token or seconds is found, also inside a plugin's configuration", () => {
  const command = `curl -s -X POST ${GOVERN}`;
  const hook = { type: "command", command, timeout: "5000" };
  const settings = { plugin: { hooks: { PreToolUse: [{ matcher: "*", hooks: [hook] }] } } };
  assert.deepEqual(rules(settings), ["fails_open", "no_authorization", "no_body", "timeout_type"]);
  const careful = `${command} -d @- -H "Authorization: Bearer $T"`;
  const better = { hooks: { PreToolUse: [{ hooks: [{ type: "command", command: careful }] }] } };
  assert.deepEqual(rules(better), ["fails_open"], "it still goes ahead when curl fails");
});

Deno.test("other people's hooks are listed and left alone", () => {
  const other = { type: "command", command: "notify-send done", timeout: 5000 };
  const settings = { hooks: { Stop: [{ hooks: [other] }] } };
  assert.deepEqual(rules(settings), []);
  const [found] = listHooks(settings);
  assert.equal(found?.endpoint, undefined);
  assert.equal(found?.matcher, "*");
});

Deno.test("no token stands in what is listed or said", () => {
  const command = `curl -u a:hunter2 -d @- -H "Authorization: Bearer xxx.yyy.zzz" ${GOVERN}`;
  const settings = {
    hooks: {
      ...OURS.hooks,
      Notification: [{ hooks: [{ type: "command", command }] }],
    },
  };
  for (const { target } of listHooks(settings)) assert.doesNotMatch(target, /aaa|xxx\.yyy/);
  const said = JSON.stringify(findHookProblems(settings));
  assert.doesNotMatch(said, /aaa|xxx\.yyy/);
  const known = listHooks(settings).map(({ token }) => token);
  assert.ok(known.includes("aaa.bbb.ccc") && known.includes("xxx.yyy.zzz"));
});

Deno.test("an answer is read as the client reads it", () => {
  const specific = (fields: object) => ({ hookSpecificOutput: fields });
  const denials: readonly (readonly [unknown, string])[] = [
    [specific({ permissionDecision: "deny", permissionDecisionReason: "a" }), "a"],
    [specific({ decision: { behavior: "deny", message: "b" } }), "b"],
    [{ decision: "block", reason: "c" }, "c"],
    [{ continue: false, stopReason: "d" }, "d"],
  ];
  for (const [body, reason] of denials) {
    assert.deepEqual(readHookAnswer(body), { outcome: "deny", reason });
  }
  for (const body of [{}, null, "deny", specific({ permissionDecision: "allow" })]) {
    assert.equal(readHookAnswer(body).outcome, "allow");
  }
});
