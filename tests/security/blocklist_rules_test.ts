import assert from "node:assert/strict";
import {
  blocklistConfig,
  createBlocklistStage,
  listBlocklistRules,
} from "../../src/governance/blocklist/mod.ts";
import { parseConfig } from "../../src/kernel/config_file.ts";
import { type Asked, blocklistOf, callOf, shippedBlocklist } from "./blocklist_support.ts";

const shipped = createBlocklistStage(shippedBlocklist());

function ruleFor(tool: string, input: unknown, asked: Asked = {}): string | undefined {
  const call = callOf(tool, input, asked);
  return shipped.evaluate({ call, tier: asked.tier ?? "user" }).denial?.rule;
}

const NAMES: readonly (readonly [string, string | undefined])[] = [
  ["mcp__db__delete_user", "delete.tool_name"],
  ["mcp__db__DeleteUser", "delete.tool_name"],
  ["mcp__db__deleteUser", "delete.tool_name"],
  ["mcp__db__DELETE_USER", "delete.tool_name"],
  ["mcp__db__user-delete", "delete.tool_name"],
  ["mcp__db__users.delete", "delete.tool_name"],
  ["mcp__db__delete", "delete.tool_name"],
  ["DeleteEverything", "delete.tool_name"],
  ["mcp__db__purge_queue", "delete.tool_name"],
  ["mcp__db__drop_table", "drop.tool_name"],
  ["mcp__db__DropTable", "drop.tool_name"],
  ["mcp__infra__destroy_stack", "destroy.tool_name"],
  ["mcp__infra__stackDestroy", "destroy.tool_name"],
  ["mcp__infra__factoryReset", "destroy.tool_name"],
  ["mcp__db__truncate_table", "truncate.tool_name"],
  ["mcp__cache__flushAll", undefined],
  ["mcp__cache__flushall", "truncate.tool_name"],
  ["mcp__git__force_push", "git.force_push"],
  ["mcp__ui__dropdown_select", undefined],
  ["mcp__ui__dropdownSelect", undefined],
  ["mcp__db__undelete_user", undefined],
  ["mcp__db__undeleteUser", undefined],
  ["mcp__db__list_deleted_users", undefined],
  ["mcp__db__get_delete_status", undefined],
  ["mcp__browser__drag_and_drop", undefined],
  ["mcp__browser__browser_drag_drop", undefined],
  ["mcp__text__truncate_text", undefined],
  ["mcp__delete__list", undefined],
  ["mcp__dropbox__list_files", undefined],
  ["Read", undefined],
  ["TodoWrite", undefined],
];

Deno.test("the shipped blocklist decides by the words of a tool's own name", () => {
  for (const [tool, rule] of NAMES) assert.equal(ruleFor(tool, {}), rule, tool);
  for (const [tool, rule] of NAMES) {
    assert.equal(ruleFor(tool, {}, { tier: "admin" }), rule, `admin ${tool}`);
  }
});

const ARGUMENTS: readonly (readonly [string, unknown, string | undefined])[] = [
  ["mcp__x__run", { sql: "DROP TABLE users" }, "drop.sql"],
  ["mcp__x__run", { query: "drop\n\ttable\tusers" }, "drop.sql"],
  ["mcp__x__run", { sql: "DrOp/**/TaBlE users" }, "drop.sql"],
  ["mcp__x__run", { sql: "drop -- now\n table users" }, "drop.sql"],
  ["mcp__x__run", { sql: "/*!50000 DROP TABLE users */" }, "drop.sql"],
  ["mcp__x__run", { sql: "SELECT 1; DROP DATABASE prod" }, "drop.sql"],
  ["mcp__x__run", { sql: "ALTER TABLE users DROP COLUMN name" }, "drop.sql"],
  ["mcp__x__run", { sql: "DO $$ BEGIN DROP SCHEMA public CASCADE; END $$" }, "drop.sql"],
  ["mcp__x__run", { sql: "DO $$ BEGIN EXECUTE 'DROP TABLE users'; END $$" }, "drop.sql"],
  ["mcp__x__run", { sql: "EXECUTE IMMEDIATE 'drop table users'" }, "drop.sql"],
  ["mcp__x__run", { sql: "SELECT '\\''; DROP TABLE users; --'" }, "drop.sql"],
  ["mcp__x__run", { sql: "drop\u00a0table users" }, "drop.sql"],
  ["mcp__x__run", { sql: "DELETE FROM users" }, "delete.sql"],
  [
    "mcp__x__run",
    { sql: "WITH gone AS (DELETE FROM users RETURNING *) SELECT * FROM gone" },
    "delete.sql",
  ],
  ["mcp__x__run", { statements: ["SELECT 1", "DELETE FROM users"] }, "delete.sql"],
  ["mcp__x__run", { sql: "TRUNCATE users" }, "truncate.sql"],
  ["mcp__x__run", { sql: "SELECT 1; TRUNCATE TABLE users" }, "truncate.sql"],
  [
    "mcp__x__run",
    { sql: "GRANT ALL ON ALL TABLES IN SCHEMA public TO x" },
    "permissions.sql_grant",
  ],
  ["mcp__postgres__execute", { text: "DROP TABLE users" }, "drop.sql_tool"],
  ["mcp__x__run", { options: { deep: { sql: "drop table x" } } }, "drop.sql"],
  ["mcp__x__run", { arguments: '{"sql": "drop table x"}' }, "drop.sql"],
  ["mcp__x__run", { sql: `${"SELECT 1;\n".repeat(9000)}DROP TABLE users` }, "drop.sql"],
  ["mcp__x__run", { sql: "SELECT 'DROP TABLE users'" }, undefined],
  ["mcp__x__run", { sql: "SELECT drop_count FROM tables -- drop table" }, undefined],
  ["mcp__x__run", { sql: "SELECT * FROM deleted_from" }, undefined],
  ["mcp__x__run", { sql: "UPDATE users SET deleted = true" }, undefined],
  ["mcp__x__run", { sql: "CREATE TABLE drops (id int)" }, undefined],
  ["WebSearch", { query: "drop table syntax" }, undefined],
  ["mcp__github__search_code", { query: "delete from users" }, undefined],
  ["mcp__x__api", { action: "delete", id: 1 }, "delete.action"],
  ["mcp__x__api", { method: "DELETE", url: "https://x.example/1" }, "delete.action"],
  ["mcp__x__api", { action: "delete_user" }, "delete.action"],
  ["mcp__x__api", { action: "undelete" }, undefined],
  ["mcp__x__api", { method: "GET" }, undefined],
  ["mcp__git__push", { branch: "main", force: "true" }, "git.force_tool"],
  ["mcp__git__push", { branch: "main", force: true }, "git.force_tool"],
  ["mcp__git__push", { branch: "main", force: false }, undefined],
  ["mcp__npm__install", { force: true }, undefined],
  ["mcp__redis__call", { command: "FLUSHALL" }, "truncate.cache"],
  ["mcp__x__exec", { command: "rm -rf /" }, "shell.rm_recursive"],
  ["mcp__x__exec", { cmd: "rm -rf /" }, "shell.rm_recursive"],
  ["mcp__x__exec", { command: ["rm", "-rf", "/"] }, "shell.rm_recursive"],
  ["mcp__x__exec", { command: ["bash", "-lc", "rm -rf /"] }, "shell.rm_recursive"],
  ["mcp__x__exec", { command: "rm", args: ["-rf", "/"] }, "shell.rm_recursive"],
  ["mcp__x__exec", { command: "sudo", args: ["rm", "-r", "/"] }, "shell.rm_recursive"],
  ["mcp__x__exec", { steps: [{ script: "cd x\nrm -rf y" }] }, "shell.rm_recursive"],
  ["mcp__x__shell", { text: "rm -rf /" }, "shell.rm_recursive"],
  ["mcp__x__exec", { command: "git", args: ["push", "--force"] }, "git.force_push"],
  ["Bash", { command: "ls", description: "rm -rf build, then ls" }, undefined],
  ["Read", { file_path: "/home/u/.ssh/id_rsa" }, "credentials.read_tool"],
  ["Read", { file_path: "/home/u/.ssh/../.ssh/./id_ed25519" }, "credentials.read_tool"],
  ["Read", { file_path: "/home/u/.aws/credentials" }, "credentials.read_tool"],
  ["Read", { file_path: ".env" }, "credentials.read_tool"],
  ["Read", { file_path: "/srv/app/.env.production" }, "credentials.read_tool"],
  ["Read", { file_path: "/etc/shadow" }, "credentials.read_tool"],
  ["Read", { file_path: "/proc/1/environ" }, "credentials.read_tool"],
  ["Read", { file_path: "/Users/x/Library/Keychains/login.keychain-db" }, "credentials.read_tool"],
  ["Read", { file_path: "C:\\Users\\x\\.ssh\\id_rsa" }, "credentials.read_tool"],
  ["mcp__fs__read_file", { path: "/home/u/.kube/config" }, "credentials.read_tool"],
  ["mcp__fs__read_multiple_files", { paths: ["a.txt", "/x/.netrc"] }, "credentials.read_tool"],
  ["mcp__fs__get", { uri: "file:///home/u/.npmrc" }, "credentials.read_tool"],
  ["Grep", { pattern: "KEY", path: "/srv/.env" }, "credentials.search_tool"],
  ["Grep", { pattern: "\\.env", path: "src" }, undefined],
  ["Read", { file_path: "/home/u/.ssh/id_rsa.pub" }, undefined],
  ["Read", { file_path: "/srv/app/.env.example" }, undefined],
  ["Read", { file_path: "/srv/app/src/environment.ts" }, undefined],
  ["Read", { file_path: "/srv/app/docs/.env.md" }, undefined],
  ["Write", { file_path: "/srv/x.md", content: "Never run rm -rf / or DROP TABLE x." }, undefined],
  ["Write", { file_path: "/srv/x.sql", content: "DROP TABLE x;" }, undefined],
  ["Write", { file_path: "/root/.ssh/authorized_keys", content: "x" }, "permissions.write_tool"],
  ["Write", { file_path: "/etc/sudoers.d/x", content: "x" }, "permissions.write_tool"],
  ["Edit", { file_path: "/srv/x.sh", old_string: "rm -rf a", new_string: "rm -rf b" }, undefined],
  ["TodoWrite", { todos: [{ content: "Delete the old table", status: "pending" }] }, undefined],
  ["Task", { prompt: "delete the temporary files with rm -rf" }, undefined],
];

Deno.test("the shipped blocklist decides by arguments", () => {
  for (const [tool, input, rule] of ARGUMENTS) {
    assert.equal(ruleFor(tool, input), rule, `${tool} ${JSON.stringify(input).slice(0, 200)}`);
  }
});

Deno.test("a prompt is prose and an output is no operation", () => {
  const prompt = "Please delete the table: DROP TABLE users; then rm -rf /";
  assert.equal(ruleFor("", prompt, { target: "prompt", inputPath: "$.prompt" }), undefined);
  const output = { stdout: "rm -rf /", command: "rm -rf /", sql: "DROP TABLE x" };
  assert.equal(ruleFor("Bash", output, { inputPath: "$.tool_response" }), undefined);
});

Deno.test("a denial names category, rule and path, and no text of the arguments", () => {
  const marker = "zq7secretzq7";
  const input = { steps: [{ [marker]: { command: `rm -rf /${marker}` } }] };
  const call = callOf("mcp__x__run", input);
  const { denial, rules } = shipped.evaluate({ call, tier: "user" });
  assert.equal(denial?.policy, "tool_blocklist");
  assert.equal(denial.rule, "shell.rm_recursive");
  assert.ok(denial.reason.includes("$.tool_input.steps[0].zq7secretzq7.command"));
  const hidden = callOf("mcp__x__run", { [`a ${marker}`]: { command: `rm -rf ${marker}` } });
  const result = shipped.evaluate({ call: hidden, tier: "user" });
  assert.ok(result.denial);
  assert.ok(!JSON.stringify(result).includes(marker));
  assert.deepEqual(rules.map((rule) => rule.verdict), ["pass", "deny"]);
});

Deno.test("hostile input neither breaks the stage nor passes it by", () => {
  const deep = JSON.parse(`${'{"a":'.repeat(9000)}{"command":"rm -rf /"}${"}".repeat(9000)}`);
  assert.equal(ruleFor("mcp__x__run", deep), "shell.rm_recursive");
  const proto = JSON.parse('{"__proto__": {"command": "rm -rf /"}, "constructor": "x"}');
  assert.equal(ruleFor("mcp__x__run", proto), "shell.rm_recursive");
  for (const command of ["'", '"', "$(", "`", "${", "<<", "<<EOF", "((((", "\\", "\u0000", "$'"]) {
    assert.equal(ruleFor("Bash", { command }), undefined, command);
    assert.equal(ruleFor("Bash", { command: `rm -rf x; ${command}` }), "shell.rm_recursive");
  }
  const nested = `${"bash -c ".repeat(40)}ls`;
  assert.equal(ruleFor("Bash", { command: nested }), undefined);
  const quoted = `${"eval $(echo ".repeat(12)}rm -rf x${")".repeat(12)}`;
  assert.ok(ruleFor("Bash", { command: quoted }) !== undefined);
  const bomb = `python3 -c "system('${"system(\\'x\\');".repeat(3000)}')"`;
  ruleFor("Bash", { command: bomb });
  assert.equal(ruleFor("Bash", { command: `rm ${"x ".repeat(70_000)}` }), "shell.unreadable");
  const doubling = `a=rm; ${'a="$a$a"; '.repeat(200)}`;
  assert.equal(ruleFor("Bash", { command: doubling }), "shell.unreadable");
  const names = Array.from({ length: 5000 }, (_, i) => `a${i}`);
  assert.equal(ruleFor("Bash", { command: `rm x; ${names.join("|")}` }), "shell.unreadable");
  assert.equal(ruleFor("Bash", { command: `rm x; ${"a|".repeat(50_000)}b` }), undefined);
  assert.equal(ruleFor("Bash", { command: `rm x; ${"${a:-".repeat(9000)}` }), undefined);
});

const EXTRA = `
categories:
  local:
    description: Rules of our own
    rules:
      - id: words
        description: internal project
        arguments: [{ words: ["project falcon|eagle"] }]
        except: { roles: [admin], departments: [research] }
      - id: finance_only
        description: ledger writes
        names: ["*ledger*write*", "/^post_[0-9]+$/"]
        only: { departments: [finance] }
      - id: pattern
        description: ticket numbers
        tools: ["mcp:jira/*", "!mcp:jira/read*"]
        arguments: [{ paths: ["*.title"], regex: "^SEC-\\\\d+" }]
  off:
    description: Not in force
    enabled: false
    rules:
      - { id: everything, description: everything, names: ["*"] }
`;

Deno.test("rules of one's own: words, audiences, tools and categories that are off", () => {
  const stage = createBlocklistStage(blocklistOf(EXTRA));
  const cases: readonly (readonly [string, unknown, Asked, string | undefined])[] = [
    ["Write", { content: "about Project   Falcon" }, {}, "local.words"],
    ["Write", { content: "about projectEagle" }, {}, "local.words"],
    ["Write", { content: "about project falcons" }, {}, undefined],
    ["Write", { content: "project falcon" }, { tier: "admin" }, "local.words"],
    ["Write", { content: "project falcon" }, { department: "research" }, "local.words"],
    ["Write", { content: "project falcon" }, { tier: "admin", department: "research" }, undefined],
    ["mcp__x__ledger_write", {}, { department: "finance" }, "local.finance_only"],
    ["mcp__x__ledgerWrite", {}, { department: "finance" }, "local.finance_only"],
    ["mcp__x__post_12", {}, { department: "finance" }, "local.finance_only"],
    ["mcp__x__ledger_write", {}, { department: "sales" }, undefined],
    ["mcp__x__ledger_write", {}, {}, undefined],
    ["mcp__jira__create", { title: "SEC-12" }, {}, "local.pattern"],
    ["mcp__jira__create", { body: "SEC-12" }, {}, undefined],
    ["mcp__jira__read_it", { title: "SEC-12" }, {}, undefined],
    ["mcp__gitlab__create", { title: "SEC-12" }, {}, undefined],
  ];
  for (const [tool, input, asked, rule] of cases) {
    const call = callOf(tool, input, asked);
    const { denial } = stage.evaluate({ call, tier: asked.tier ?? "user" });
    assert.equal(denial?.rule, rule, `${tool} ${JSON.stringify([input, asked])}`);
  }
});

Deno.test("a rule that spares a role asks for the tier that counts, not for the token's", () => {
  const stage = createBlocklistStage(blocklistOf(`
categories:
  x:
    description: x
    rules: [{ id: y, description: y, names: [zap], except: { roles: [admin] } }]
`));
  const call = callOf("zap", {}, { tier: "admin" });
  assert.equal(stage.evaluate({ call, tier: "admin" }).denial, undefined);
  assert.equal(stage.evaluate({ call, tier: "anonymous" }).denial?.rule, "x.y");
});

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ["(a+)+$", /inside a repetition/],
  ["(a*)*", /inside a repetition/],
  ["(a|b)+c", /repeated alternative/],
  ["(?:x\\w+){2,}", /inside a repetition/],
  ["\\w+\\w+x", /side by side/],
  ["a+b*c", /side by side/],
  ["(.)\\1", /Backreferences/],
  ["(?<n>.)\\k<n>", /Backreferences/],
  ["(?<=a)b", /Look-around/],
  ["(?!a)b", /Look-around/],
  ["(a", /Not a regular expression/],
  ["a.*b.*c.*d.*e.*f.*g.*h", /More than/],
];

Deno.test("expressions that are not linear are refused where they stand", () => {
  for (const [regex, message] of REFUSED) {
    const text = `categories:
  x:
    description: x
    rules:
      - id: y
        description: y
        arguments:
          - regex: ${JSON.stringify(regex)}
`;
    const parsed = parseConfig(blocklistConfig, text, "blocklist.yaml");
    assert.ok(!parsed.ok, regex);
    assert.match(parsed.diagnostics[0]?.message ?? "", message, regex);
    assert.equal(parsed.diagnostics[0]?.line, 8);
  }
});

Deno.test("the schema refuses what it does not know, empty rules and ids used twice", () => {
  const problem = (rules: string) => {
    const text = `categories:\n  x:\n    description: x\n    rules:\n${rules}`;
    const parsed = parseConfig(blocklistConfig, text, "b.yaml");
    return parsed.ok ? undefined : parsed.diagnostics[0]?.message;
  };
  assert.match(
    problem("      - { id: a, description: a, nams: [x] }\n") ?? "",
    /Unknown key|least one/,
  );
  assert.match(problem("      - { id: a, description: a }\n") ?? "", /at least one/);
  const twice = "      - { id: a, description: a, names: [x] }\n".repeat(2);
  assert.match(problem(twice) ?? "", /Duplicate id/);
  assert.equal(problem("      - { id: a, description: a, names: [x] }\n"), undefined);
});

Deno.test("a hundred rules more change no answer", () => {
  const config = structuredClone(shippedBlocklist());
  const rules = Array.from({ length: 100 }, (_, i) => `
      - id: r${i}
        description: extra
        names: [zzop${i}]
        arguments: [{ regex: "forbidden_${i} +x" }, { words: ["marker${i} *"] }]
        shell: [{ command: zzcmd${i}, flags: ["-x"] }]`);
  const extra = blocklistOf(
    `categories:\n  extra:\n    description: x\n    rules:${rules.join("")}\n`,
  );
  const stage = createBlocklistStage({
    ...config,
    categories: { ...config.categories, ...extra.categories },
  });
  const ask = (tool: string, input: unknown) =>
    stage.evaluate({ call: callOf(tool, input), tier: "user" }).denial?.rule;
  for (const [tool, input, rule] of ARGUMENTS) assert.equal(ask(tool, input), rule);
  for (const i of [0, 57, 99]) {
    assert.equal(ask(`mcp__x__zzop${i}`, {}), `extra.r${i}`);
    assert.equal(ask("Write", { content: `... FORBIDDEN_${i}  x ...` }), `extra.r${i}`);
    assert.equal(ask("Write", { content: `... Marker${i}, yes ...` }), `extra.r${i}`);
    assert.equal(ask("Bash", { command: `ls; sudo zzcmd${i} -x` }), `extra.r${i}`);
    assert.equal(ask("Bash", { command: `zzcmd${i} -y` }), undefined);
  }
});

Deno.test("listBlocklistRules() lists every rule once, with its category", () => {
  const rules = listBlocklistRules(shippedBlocklist());
  assert.ok(rules.length >= 40);
  assert.equal(new Set(rules.map((rule) => rule.id)).size, rules.length);
  for (const category of ["delete", "drop", "destroy", "truncate", "git", "shell", "disk"]) {
    assert.ok(rules.some((rule) => rule.category === category && rule.enabled), category);
  }
  assert.ok(listBlocklistRules(blocklistOf(EXTRA)).some((rule) => !rule.enabled));
});
