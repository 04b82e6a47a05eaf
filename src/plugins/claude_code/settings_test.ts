import assert from "node:assert/strict";
import { claudeHookSettings, type HookTarget, mergeHookSettings } from "./mod.ts";

const TARGET: HookTarget = {
  url: "http://127.0.0.1:8080",
  token: { value: "token-1" },
  pluginId: "claude code",
};
const OURS = claudeHookSettings(TARGET);

Deno.test("governing hooks block when they get no answer, tracking hooks do not", () => {
  for (const [event, groups] of Object.entries(OURS.hooks)) {
    const hook = groups[0]?.hooks[0];
    assert.ok(hook);
    const governs = new URL(hook.url).pathname.endsWith("/govern");
    assert.equal(hook.onFailure, governs ? "block" : undefined, event);
    assert.equal(hook.headers.Authorization, "Bearer token-1");
    assert.equal(new URL(hook.url).searchParams.get("plugin_id"), "claude code");
  }
  assert.equal(OURS.hooks.PreToolUse?.[0]?.hooks[0]?.timeout, 10);
  assert.equal("SessionStart" in OURS.hooks, false);
});

Deno.test("a token can stay out of the file", () => {
  const settings = claudeHookSettings({ ...TARGET, token: { env: "SPGOV_HOOK_TOKEN" } });
  const hook = settings.hooks.PreToolUse?.[0]?.hooks[0];
  assert.equal(hook?.headers.Authorization, "Bearer ${SPGOV_HOOK_TOKEN}");
  assert.deepEqual(hook?.allowedEnvVars, ["SPGOV_HOOK_TOKEN"]);
});

const THEIRS = { type: "command", command: "./lint.sh" };
const NEAR = { type: "http", url: "http://127.0.0.1:8080/api/public/hooks/govern/x" };

Deno.test("everything that is not ours stays as it is", () => {
  const existing = {
    model: "opus",
    permissions: { deny: ["Read(./.env)"] },
    hooks: {
      PreToolUse: [{ matcher: "Bash", hooks: [THEIRS] }, { matcher: "*", hooks: [NEAR] }],
      SessionStart: [{ hooks: [THEIRS] }],
      Empty: [],
    },
  };
  const frozen = structuredClone(existing);
  const { settings, changes } = mergeHookSettings(existing, OURS);
  assert.deepEqual(existing, frozen, "the input is not changed");
  const hooks = settings.hooks as Record<string, unknown[]>;
  assert.deepEqual(hooks.PreToolUse?.slice(0, 2), existing.hooks.PreToolUse);
  assert.equal(hooks.PreToolUse?.length, 3);
  assert.deepEqual(hooks.SessionStart, existing.hooks.SessionStart);
  assert.deepEqual(hooks.Empty, []);
  assert.equal(settings.model, "opus");
  assert.deepEqual(settings.permissions, existing.permissions);
  assert.deepEqual(new Set(changes.map((change) => change.action)), new Set(["added"]));
  assert.equal(changes.length, Object.keys(OURS.hooks).length);
});

Deno.test("a second time changes nothing", () => {
  const once = mergeHookSettings({ hooks: { Stop: [{ hooks: [THEIRS] }] } }, OURS);
  const twice = mergeHookSettings(once.settings, OURS);
  assert.deepEqual(twice.settings, once.settings);
  assert.deepEqual(twice.changes, []);
});

Deno.test("an earlier entry of ours is replaced, also beside someone else's in one group", () => {
  const old = claudeHookSettings({ ...TARGET, url: "http://10.0.0.9:9999" });
  const first = mergeHookSettings(undefined, old).settings as { hooks: Record<string, unknown[]> };
  const mixed = { matcher: "*", hooks: [...(old.hooks.Stop?.[0]?.hooks ?? []), THEIRS] };
  first.hooks.Stop = [mixed];
  first.hooks.Gone = [...(old.hooks.Stop ?? [])];
  const { settings, changes } = mergeHookSettings(first, OURS);
  assert.ok(!JSON.stringify(settings).includes("10.0.0.9"));
  const hooks = settings.hooks as Record<string, unknown>;
  assert.deepEqual(hooks.Stop, [{ matcher: "*", hooks: [THEIRS] }, ...(OURS.hooks.Stop ?? [])]);
  assert.equal("Gone" in hooks, false);
  assert.deepEqual(changes.find((change) => change.event === "Gone")?.action, "removed");
  assert.deepEqual(changes.find((change) => change.event === "PreToolUse")?.action, "replaced");
});

Deno.test("settings of an unexpected form are refused rather than overwritten", () => {
  const bad = ["text", [], { hooks: [] }, { hooks: "x" }, { hooks: { PreToolUse: {} } }];
  for (const existing of bad) {
    assert.throws(() => mergeHookSettings(existing, OURS), { code: "invalid" });
  }
});

Deno.test("settings that keep hooks from running are pointed out", () => {
  const existing = { disableAllHooks: true, allowedHttpHookUrls: [] };
  assert.equal(mergeHookSettings(existing, OURS).warnings.length, 2);
  assert.deepEqual(mergeHookSettings({}, OURS).warnings, []);
});

Deno.test("a prototype in the settings file stays an ordinary key", () => {
  const existing = JSON.parse('{"hooks": {"__proto__": [{"hooks": []}]}}');
  const { settings } = mergeHookSettings(existing, OURS);
  assert.ok(JSON.stringify(settings).includes('"__proto__":[{"hooks":[]}]'));
});
