import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import { denoDir } from "../support/deno_dir.ts";
import { startService, type TestService } from "../support/service.ts";
import type { CliResult } from "../support/service.ts";

interface World {
  readonly service: TestService;
  /** The user's home folder. */
  readonly user: string;
  readonly project: string;
  hooks(...args: string[]): Promise<CliResult>;
  // deno-lint-ignore no-explicit-any
  json(...args: string[]): Promise<any>;
}

/** A running appliance, a user and a project in version control. */
async function withWorld(work: (world: World) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "spgov-hooks-" });
  const [user, project] = [`${root}/user`, `${root}/project`];
  await Promise.all([user, project].map((path) => Deno.mkdir(path)));
  const service = await startService({
    gateways: 1,
    variables: { HOME: user, CLAUDE_CONFIG_DIR: "", DENO_DIR: await denoDir() },
  });
  const hooks = (...args: string[]) => service.cli("core", "hooks", ...args);
  try {
    await work({
      service,
      user,
      project,
      hooks,
      async json(...args) {
        const { stdout, stderr } = await hooks(...args, "--json");
        assert.notEqual(stdout, "", stderr);
        const { data, error } = JSON.parse(stdout);
        return data ?? error;
      },
    });
  } finally {
    await service.stop();
    await Deno.remove(root, { recursive: true });
  }
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await Deno.readTextFile(path));
}

function tokensIn(text: string): string[] {
  return [...new Set([...text.matchAll(/Bearer ([\w.-]+)/g)].map(([, token = ""]) => token))];
}

async function git(folder: string, ...args: string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command("git", { args: ["-C", folder, ...args] })
    .output();
  assert.ok(success, `git ${args.join(" ")}`);
  return new TextDecoder().decode(stdout);
}

const hasGit = await new Deno.Command("git", { args: ["--version"] }).output()
  .then(({ success }) => success, () => false);

Deno.test("core hooks: install, list, validate and fire", async (t) => {
  await withWorld(async ({ service, user, project, hooks, json }) => {
    const settings = `${user}/.claude/settings.json`;
    const sql = openPool(service.database, { max: 1, applicationName: "test" });
    let first = "";

    await t.step("nothing is governed before", async () => {
      const { valid, problems } = await json("validate");
      assert.equal(valid, false);
      assert.equal(problems[0].rule, "not_installed");
      assert.equal((await hooks("validate")).code, 5);
    });

    await t.step("without an answer nothing is written and no session is opened", async () => {
      assert.equal((await hooks("install", "claude-code")).code, 2);
      const plan = await json("install", "claude-code", "--dry-run");
      assert.equal(plan.changed, false);
      assert.ok(plan.changes.length > 10);
      await assert.rejects(Deno.stat(settings), Deno.errors.NotFound);
      const [row] = await sql`select count(*)::int as n from sessions`;
      assert.equal(row?.n, 0);
      assert.equal((await hooks("install", "emacs", "--yes")).code, 2);
    });

    await t.step("install keeps what is there, closes the file and says no token", async () => {
      await Deno.mkdir(`${user}/.claude`);
      const own = {
        model: "x",
        hooks: { Stop: [{ hooks: [{ type: "command", command: "true" }] }] },
      };
      await Deno.writeTextFile(settings, JSON.stringify(own), { mode: 0o644 });
      const installed = await hooks("install", "claude-code", "--yes", "--json");
      assert.equal(installed.code, 0, installed.stderr);
      const text = await Deno.readTextFile(settings);
      const [token = "", ...others] = tokensIn(text);
      assert.equal(others.length, 0);
      assert.ok(!(installed.stdout + installed.stderr).includes(token.split(".")[2] ?? "?"));
      assert.equal(((await Deno.stat(settings)).mode ?? 0) & 0o777, 0o600);
      const written = JSON.parse(text);
      assert.equal(written.model, "x");
      assert.deepEqual(written.hooks.Stop[0], own.hooks.Stop[0]);
      const [hook] = written.hooks.PreToolUse[0].hooks;
      assert.deepEqual([hook.type, hook.onFailure], ["http", "block"]);
      assert.ok(
        hook.url.startsWith(`${service.url}/api/public/hooks/govern?plugin_id=claude-code`),
      );
      const answer = await service.govern(token, {
        hook_event_name: "PreToolUse",
        tool_name: "Bash",
        tool_input: { command: "ls" },
      });
      assert.equal(answer.body.hookSpecificOutput.permissionDecision, "allow");
      const [session] = await sql`select * from sessions`;
      assert.deepEqual([session?.clientId, session?.role, session?.audience], [
        "claude-code",
        "user",
        "hook",
      ]);
      first = text;
    });

    await t.step("the client finds the gateway, too, without a token", async () => {
      const { mcpServers } = await readJson(`${user}/.claude.json`);
      assert.deepEqual(mcpServers, {
        spgov: { type: "http", url: `${service.url}/api/v1/mcp/all/mcp` },
      });
    });

    await t.step("install again changes nothing and opens no session", async () => {
      const again = await json("install", "claude-code", "--yes");
      assert.deepEqual([again.changed, again.changes], [false, []]);
      assert.equal(await Deno.readTextFile(settings), first);
      const [row] = await sql`select count(*)::int as n from sessions`;
      assert.equal(row?.n, 1);
    });

    await t.step("another role gets another token, and the one before ends", async () => {
      const renewed = await json("install", "claude-code", "--yes", "--role", "service");
      assert.equal(renewed.role, "service");
      assert.ok(renewed.changes.every(({ action }: { action: string }) => action === "replaced"));
      const [old = ""] = tokensIn(first);
      const [now] = tokensIn(await Deno.readTextFile(settings));
      assert.notEqual(now, old);
      const refused = await service.govern(old, { hook_event_name: "PreToolUse" });
      assert.equal(refused.headers.get("policy"), "auth_failure");
      const [row] = await sql`select count(*)::int as n from sessions where revoked_at is null`;
      assert.equal(row?.n, 1);
    });

    await t.step("a project's token goes where git does not take it", async () => {
      if (hasGit) await git(project, "init", "-q");
      const { file, scope } = await json("install", "claude-code", "--dir", project, "--yes");
      assert.equal(scope, "project");
      assert.equal(file, `${project}/.claude/settings.local.json`);
      assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
      if (!hasGit) return;
      assert.equal((await git(project, "status", "--porcelain", "-uall")).trim(), "");
      await git(project, "add", "-f", ".claude/settings.local.json");
      const tracked = await hooks(
        "install",
        "claude-code",
        "--dir",
        project,
        "--yes",
        "--role",
        "mcp",
      );
      assert.equal(tracked.code, 1);
      assert.match(tracked.stderr, /git rm --cached/);
      assert.equal(
        (await hooks("install", "claude-code", "--dir", "x", "--scope", "user")).code,
        2,
      );
    });

    await t.step("list says which hooks point here, and no token", async () => {
      const listed = await hooks("list", "--dir", project, "--json");
      const { hooks: found } = JSON.parse(listed.stdout).data;
      const scopes = new Set(found.map(({ scope }: { scope: string }) => scope));
      assert.deepEqual([...scopes].sort(), ["local", "user"]);
      const own = found.filter((one: { points_here: unknown }) => one.points_here === null);
      assert.equal(own.length, 1);
      for (const file of [settings, `${project}/.claude/settings.local.json`]) {
        for (const token of tokensIn(await Deno.readTextFile(file))) {
          assert.ok(!listed.stdout.includes(token.split(".")[2] ?? "?"));
        }
      }
    });

    await t.step("validate is content, and is not when something is wrong", async () => {
      const good = await hooks("validate", "--dir", project, "--json");
      assert.equal(good.code, 0, good.stdout);
      const text = await Deno.readTextFile(settings);
      const errorsOf = async (broken: string): Promise<string[]> => {
        await Deno.writeTextFile(settings, broken);
        const { problems } = await json("validate");
        await Deno.writeTextFile(settings, text);
        return [
          ...new Set<string>(
            problems.filter((one: { severity: string }) => one.severity === "error")
              .map(({ rule }: { rule: string }) => rule),
          ),
        ];
      };
      const [token = ""] = tokensIn(text);
      const api = await service.token({ audience: "api" });
      const ended = tokensIn(first)[0] ?? "";
      const signature = token.split(".")[2] ?? "";
      assert.deepEqual(await errorsOf(text.replaceAll(token, api)), ["token_wrong_audience"]);
      assert.deepEqual(await errorsOf(text.replaceAll(token, ended)), ["token_session_ended"]);
      const forged = token.replace(signature, "A".repeat(43));
      assert.deepEqual(await errorsOf(text.replaceAll(token, forged)), ["token_bad_signature"]);
      const elsewhere = text.replaceAll(`:${service.port}/`, ":9/");
      assert.deepEqual(await errorsOf(elsewhere), ["unreachable"]);
      assert.deepEqual(await errorsOf(text.replaceAll("block", "ask")), ["fails_open"]);
      assert.equal((await json("validate")).valid, true);
    });

    await t.step("a broken settings file is left as it is", async () => {
      const text = await Deno.readTextFile(settings);
      await Deno.writeTextFile(settings, "{ not json");
      const refused = await hooks("install", "claude-code", "--yes");
      assert.equal(refused.code, 5);
      assert.equal(await Deno.readTextFile(settings), "{ not json");
      await Deno.writeTextFile(settings, text);
      assert.deepEqual(await readJson(settings), JSON.parse(text));
    });

    await t.step("fire is a real call that leaves its row", async () => {
      const denied = await hooks(
        "fire",
        "PreToolUse",
        "--input",
        '{"command":"rm -rf /"}',
        "--json",
      );
      assert.equal(denied.code, 4);
      const { decision, policy, decision_id, session_id } = JSON.parse(denied.stdout).data;
      assert.deepEqual([decision, policy], ["deny", "tool_blocklist"]);
      const [row] = await sql`select * from audit where id = ${decision_id}`;
      assert.deepEqual([row?.decision, row?.sessionId, row?.surface], [
        "deny",
        session_id,
        "hook",
      ]);
      const allowed = await hooks(
        "fire",
        "PreToolUse",
        "--tool",
        "Read",
        "--input",
        "{}",
        "--json",
      );
      assert.equal(allowed.code, 0);
      assert.equal((await json("fire", "UserPromptSubmit", "--prompt", "hello")).decision, "allow");
      assert.equal((await json("fire", "Stop")).decision, "allow");
      const agent = await json("fire", "PreToolUse", "--agent", "nobody_knows");
      assert.equal(agent.policy, "scope_restriction");
      assert.equal((await json("fire", "Nonsense")).policy, "invalid_request");
      assert.equal((await hooks("fire", "PreToolUse", "--prompt", "x")).code, 2);
      assert.equal((await hooks("fire", "PreToolUse", "--input", "{x")).code, 5);
    });
    await sql.end({ timeout: 2 });
  });
});
