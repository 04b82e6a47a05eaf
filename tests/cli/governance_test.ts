import assert from "node:assert/strict";
import { assetPath } from "../../src/kernel/assets.ts";
import { ensureMasterKey } from "../../src/vault/mod.ts";
import { type Result, spgov, withHome } from "./spgov.ts";

interface Place {
  readonly home: string;
  run(args: readonly string[], input?: unknown): Promise<Result>;
  // deno-lint-ignore no-explicit-any
  json(args: readonly string[], input?: unknown): Promise<{ code: number; data: any }>;
}

/** A home with keys and the shipped services; nothing runs in it and nothing is made to run. */
async function withPlace(work: (place: Place) => Promise<void>): Promise<void> {
  await withHome(async (home) => {
    await ensureMasterKey({ home, env: {} });
    await new Deno.Command("cp", { args: ["-r", assetPath("services"), `${home}/services`] })
      .output();
    const run: Place["run"] = (args, input) =>
      spgov(["admin", "governance", ...args, "--home", home], {
        input: typeof input === "string" ? input : JSON.stringify(input ?? ""),
      });
    await work({
      home,
      run,
      async json(args, input) {
        const { code, stdout, stderr } = await run([...args, "--json"], input);
        assert.notEqual(stdout, "", stderr);
        const document = JSON.parse(stdout);
        return { code, data: document.data ?? document.error };
      },
    });
    await assert.rejects(
      Deno.stat(`${home}/postgres`),
      Deno.errors.NotFound,
      "a database was made",
    );
  });
}

function bash(command: string, extra: Readonly<Record<string, unknown>> = {}): unknown {
  const tool = { tool_name: "Bash", tool_input: { command } };
  return { hook_event_name: "PreToolUse", session_id: "s", ...tool, ...extra };
}

/** Of the real form, made at run time so that no scanner of sources takes it for a leak. */
const TOKEN = `gh${"p_"}${crypto.getRandomValues(new Uint8Array(18)).toHex()}`;

Deno.test("governance test prints every stage and the decision, and ends with 4 when it denies", async () => {
  await withPlace(async ({ json, run }) => {
    const allowed = await json(["test"], bash("ls"));
    assert.equal(allowed.code, 0);
    assert.equal(allowed.data.decision, "allow");
    assert.equal(allowed.data.recorded, false);
    const stages = new Set(allowed.data.rules.map(({ stage }: { stage: string }) => stage));
    assert.deepEqual([...stages], [
      "identity",
      "scope",
      "secrets",
      "blocklist",
      "policies",
      "commit",
    ]);
    for (const rule of allowed.data.rules) {
      assert.equal(rule.verdict, rule.stage === "commit" ? "not_charged" : "pass");
      assert.equal(typeof rule.us, "number");
    }

    const denied = await json(["test", "--role", "admin"], bash("rm -rf /"));
    assert.equal(denied.code, 4);
    assert.deepEqual([denied.data.policy, denied.data.rule], [
      "tool_blocklist",
      "shell.rm_recursive",
    ]);
    const after = denied.data.rules.filter(({ stage }: { stage: string }) =>
      stage === "policies" || stage === "commit"
    );
    assert.ok(after.every(({ verdict }: { verdict: string }) => verdict === "skipped"));
    const text = await run(["test"], bash("rm -rf /"));
    assert.match(text.stdout, /^STAGE +RULE +VERDICT +µS +DETAIL$/m);
    assert.match(text.stdout, /^decision +deny$/m);
  });
});

Deno.test("governance test takes the caller from its flags", async () => {
  await withPlace(async ({ home, json }) => {
    const admin = { hook_event_name: "PreToolUse", tool_name: "mcp__spgov__x", tool_input: {} };
    assert.equal((await json(["test"], admin)).data.policy, "scope_restriction");
    assert.equal((await json(["test", "--role", "admin"], admin)).data.decision, "allow");
    const github = { ...admin, tool_name: "mcp__github__list" };
    assert.equal((await json(["test"], github)).data.decision, "allow");
    const finance = await json(["test", "--department", "finance"], github);
    assert.equal(finance.data.policy, "scope_restriction");
    const named = await json(["test", "--agent", "nobody_knows"], bash("ls"));
    assert.deepEqual([named.data.role, named.data.policy], ["anonymous", "scope_restriction"]);
    const inBody = await json(["test"], bash("ls", { agent_type: "nobody_knows" }));
    assert.equal(inBody.data.policy, "scope_restriction");
    const wins = await json(["test", "--agent", "claude_code"], bash("ls", { agent_type: "x" }));
    assert.equal(wins.data.decision, "allow");

    await Deno.writeTextFile(
      `${home}/services/governance/policies/own.cedar`,
      `@id("no_ada")\nforbid (principal == User::"ada", action, resource);\n` +
        `@id("no_plugin")\nforbid (principal, action, resource) when {\n` +
        `  context has plugin && context.plugin == "bad" };\n`,
    );
    assert.equal((await json(["test"], bash("ls"))).data.decision, "allow");
    assert.equal((await json(["test", "--user", "ada"], bash("ls"))).data.policy, "policy:no_ada");
    const plugin = await json(["test", "--plugin", "bad"], bash("ls"));
    assert.equal(plugin.data.policy, "policy:no_plugin");
  });
});

Deno.test("governance test decides about what is no call, and what comes after one", async () => {
  await withPlace(async ({ json, run, home }) => {
    const unknown = await json(["test"], { hook_event_name: "Nonsense" });
    assert.deepEqual([unknown.code, unknown.data.policy], [4, "invalid_request"]);
    const outcome = { ...bash("ls") as object, hook_event_name: "PostToolUse" };
    const leaking = await json(["test"], { ...outcome, tool_response: { stdout: TOKEN } });
    assert.deepEqual([leaking.code, leaking.data.policy], [4, "secret_detection"]);
    assert.ok(!JSON.stringify(leaking.data).includes(TOKEN.slice(6, 20)));
    assert.equal((await json(["test"], { ...outcome, tool_response: {} })).code, 0);
    assert.equal((await json(["test"], { hook_event_name: "Stop" })).code, 0);
    assert.equal((await run(["test"], "{no json")).code, 5);
    assert.equal((await run(["test", `${home}/missing.json`])).code, 3);
    await Deno.writeTextFile(`${home}/call.json`, JSON.stringify(bash("rm -rf /")));
    assert.equal((await run(["test", `${home}/call.json`])).code, 4);
    await Deno.writeTextFile(`${home}/services/governance/limits.yaml`, "calls: 1\n");
    const invalid = await json(["test"], bash("ls"));
    assert.deepEqual([invalid.code, invalid.data.code], [5, "invalid"]);
  });
});

Deno.test("governance secrets test names what it finds by everything but its value", async () => {
  await withPlace(async ({ json, run }) => {
    const found = await json(["secrets", "test"], { a: [{ "k.x": btoa(`x ${TOKEN} y`) }] });
    assert.equal(found.code, 4);
    const [finding] = found.data.findings;
    assert.equal(finding.kind, "github_pat");
    assert.match(finding.path, /^\$\.a\[0\]/);
    assert.equal(finding.length, TOKEN.length);
    assert.match(finding.fingerprint, /^[0-9a-f]{16}$/);
    assert.deepEqual(finding.encoding, ["base64"]);
    const again = await json(["secrets", "test"], `token=${TOKEN}\n`);
    assert.deepEqual([again.code, again.data.format], [4, "text"]);
    assert.equal(again.data.findings[0].fingerprint, finding.fingerprint, "the home's own key");
    const text = await run(["secrets", "test"], `token=${TOKEN}\n`);
    for (let i = 4; i + 6 <= TOKEN.length; i++) {
      assert.ok(!(text.stdout + text.stderr).includes(TOKEN.slice(i, i + 6)));
    }
    const clean = await json(["secrets", "test"], { a: "nothing to see" });
    assert.deepEqual([clean.code, clean.data.findings], [0, []]);
    const kinds = await json(["secrets", "list"]);
    assert.ok(
      kinds.data.total >= 100 && kinds.data.providers >= 60,
      JSON.stringify(kinds.data.total),
    );
    const github = await json(["secrets", "list", "--provider", "github"]);
    assert.ok(github.data.total > 3 && github.data.total < 20);
  });
});

Deno.test("governance blocklist test takes a payload, a tool or a command", async () => {
  await withPlace(async ({ json, run }) => {
    const shell = await json(["blocklist", "test", "--shell", "git push --force"]);
    assert.deepEqual([shell.code, shell.data.rule], [4, "blocklist.git.force_push"]);
    assert.equal((await json(["blocklist", "test", "--shell", "git push"])).code, 0);
    assert.equal((await json(["blocklist", "test", "--tool", "mcp__db__drop_table"])).code, 4);
    assert.equal((await json(["blocklist", "test"], bash("rm -rf x"))).code, 4);
    assert.equal((await json(["blocklist", "test"], bash("ls"))).data.blocked, false);
    assert.equal((await run(["blocklist", "test", "f.json", "--shell", "ls"])).code, 2);
    assert.equal((await run(["blocklist", "test"], { hook_event_name: "Nope" })).code, 5);
    const { data } = await json(["blocklist", "list", "--category", "git"]);
    assert.ok(data.rules.some(({ id }: { id: string }) => id === "blocklist.git.force_push"));
    assert.equal(data.categories.length, 1);
  });
});

Deno.test("governance rules list and show cover every stage", async () => {
  await withPlace(async ({ home, json, run }) => {
    const { data } = await json(["rules", "list"]);
    const ids: string[] = data.rules.map(({ id }: { id: string }) => id);
    assert.equal(new Set(ids).size, ids.length, "ids are unique");
    for (const stage of ["identity", "scope", "secrets", "blocklist", "policies", "commit"]) {
      const only = await json(["rules", "list", "--stage", stage]);
      assert.ok(only.data.total > 0, stage);
      assert.ok(only.data.rules.every((rule: { stage: string }) => rule.stage === stage));
    }
    const shown = await json(["rules", "show", "rm_recursive"]);
    assert.equal(shown.data.id, "blocklist.shell.rm_recursive");
    assert.equal(shown.data.definition.id, "rm_recursive");
    const policy = await json(["rules", "show", "policy:baseline"]);
    assert.match(policy.data.definition, /permit/);
    assert.deepEqual((await json(["rules", "show", "scope.role.user"])).data.category, "role");
    const missing = await run(["rules", "show", "blocklist.shell.rm_recursiv"]);
    assert.equal(missing.code, 3);
    assert.match(missing.stderr, /Did you mean "blocklist\.shell\.rm_recursive"/);
    const secrets = `${home}/services/governance/secrets.yaml`;
    await Deno.writeTextFile(secrets, "disabled: [github_pat]\n");
    const disabled = await json(["rules", "list", "--disabled", "--stage", "secrets"]);
    assert.deepEqual(disabled.data.rules.map(({ id }: { id: string }) => id), [
      "secrets.github_pat",
    ]);
    assert.equal((await json(["secrets", "test"], { a: TOKEN })).data.findings.length, 0);
  });
});

Deno.test("governance policies validate names file, line and column, for a folder of its own too", async () => {
  await withPlace(async ({ home, json, run }) => {
    assert.equal((await json(["policies", "validate"])).data.valid, true);
    const drafts = `${home}/drafts`;
    await Deno.mkdir(drafts);
    const schema = assetPath("services/governance/policies/schema.cedarschema");
    await Deno.copyFile(schema, `${drafts}/schema.cedarschema`);
    const wrong = "permit (principal, action, resource)\n  when { principal.foo == 1 };\n";
    await Deno.writeTextFile(`${drafts}/a.cedar`, wrong);
    const { code, data } = await json(["policies", "validate", drafts]);
    assert.equal(code, 5);
    const [problem] = data.problems;
    assert.match(problem.file, /a\.cedar$/);
    assert.equal(problem.line, 2);
    assert.match(problem.message, /foo/);
    const text = await run(["policies", "validate", drafts]);
    assert.match(text.stdout, /a\.cedar:2:\d+ /);
    assert.equal((await run(["policies", "validate", `${home}/nowhere`])).code, 3);
    const list = await json(["policies", "list"]);
    assert.ok(list.data.policies.some(({ id }: { id: string }) => id === "baseline"));
  });
});

Deno.test("governance limits show multiplies by the role", async () => {
  await withPlace(async ({ json }) => {
    const all = await json(["limits", "show"]);
    assert.equal(all.data.calls.length, 6);
    const { data } = await json(["limits", "show", "--role", "anonymous"]);
    assert.deepEqual(data.calls, [{
      role: "anonymous",
      multiplier: 0.5,
      calls_per_window: 150,
      events_per_window: 1500,
      window_seconds: 60,
    }]);
  });
});
