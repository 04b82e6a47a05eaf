import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import { assetPath } from "../../src/kernel/assets.ts";
import { startService, type TestService } from "../support/service.ts";
import { type Result, spgov, withHome } from "./spgov.ts";

interface Place {
  readonly home: string;
  readonly profile: string;
  run(...args: string[]): Promise<Result>;
  /** Replaces in a file of the configuration; the text must be there. */
  edit(file: string, from: string, to: string): Promise<void>;
}

/** A home with the shipped services and a profile, not started. */
async function withConfiguration(work: (place: Place) => Promise<void>): Promise<void> {
  await withHome(async (home) => {
    const profile = `${home}/profiles/local/profile.yaml`;
    await Deno.mkdir(`${home}/profiles/local`, { recursive: true });
    await Deno.writeTextFile(profile, "name: local\nserver:\n  port: 8080\n");
    await new Deno.Command("cp", { args: ["-r", assetPath("services"), `${home}/services`] })
      .output();
    await work({
      home,
      profile,
      run: (...args) => spgov(["admin", "config", ...args, "--home", home]),
      edit: (file, from, to) => edit(file === "profile" ? profile : `${home}/${file}`, from, to),
    });
  });
}

async function edit(path: string, from: string, to: string): Promise<void> {
  const text = await Deno.readTextFile(path);
  assert.ok(text.includes(from), `"${from}" is not in ${path}`);
  await Deno.writeTextFile(path, text.replace(from, to));
}

Deno.test("config validate, list and show agree on a sound configuration", async () => {
  await withConfiguration(async ({ home, profile, run }) => {
    const valid = await run("validate", "--json");
    assert.equal(valid.code, 0, valid.stderr);
    const { data } = JSON.parse(valid.stdout);
    assert.deepEqual([data.valid, data.profile, data.problems], [true, profile, []]);
    assert.match(data.revision, /^[0-9a-f]{12}$/);
    const listed = JSON.parse((await run("list", "--json")).stdout).data;
    assert.equal(listed.revision, data.revision);
    const paths = listed.files.map(({ path }: { path: string }) => path);
    assert.ok(paths.includes(`${home}/services/governance/limits.yaml`));
    assert.ok(paths.includes(profile));
    const shown = JSON.parse((await run("show", "--json")).stdout).data;
    assert.equal(shown.revision, data.revision);
    assert.equal(shown.profile.server.max_connections, 10_000, "defaults are filled in");
    const section = await run("show", "limits");
    assert.match(section.stdout, /per_window: 300/);
    assert.doesNotMatch(section.stdout, /server:/);
    const wrong = await run("show", "limts");
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /Did you mean "limits"\?/);
  });
});

Deno.test("config validate reports every problem of every file at once, at its place", async () => {
  await withConfiguration(async ({ home, profile, run, edit }) => {
    await edit("profile", "port: 8080", "prot: 8080");
    await edit("services/governance/limits.yaml", "window: 60s", "window: 60q");
    await edit("services/governance/config.yaml", "on_allow", "on_alow");
    await edit("services/governance/policies/default.cedar", "principal", "principle");
    await Deno.writeTextFile(`${home}/services/governance/blocklst.yaml`, "categories: {}\n");
    await Deno.writeTextFile(
      `${home}/services/agents/twin.yaml`,
      "name: claude_code\ntier: root\n",
    );
    const { code, stdout, stderr } = await run("validate", "--json");
    assert.equal(code, 5, stderr);
    const { valid, problems } = JSON.parse(stdout).data;
    assert.equal(valid, false);
    const find = (file: string, path?: string) =>
      problems.find((one: { file: string; path: string }) =>
        one.file.endsWith(file) && (path === undefined || one.path === path)
      );
    assert.deepEqual(find("profile.yaml", "server.prot"), {
      file: profile,
      line: 3,
      column: 3,
      path: "server.prot",
      message: 'Unknown key. Did you mean "port"?',
    });
    assert.match(find("limits.yaml", "calls.window").message, /Expected a duration/);
    assert.match(find("config.yaml", "hooks.on_alow").message, /Did you mean "on_allow"/);
    assert.ok(find("default.cedar").line > 1);
    assert.match(find("blocklst.yaml").message, /Nothing reads this file/);
    assert.equal(find("twin.yaml", "tier").line, 2);

    const text = await run("validate");
    assert.equal(text.code, 5);
    const line = `${profile}:3:3 server.prot: Unknown key. Did you mean "port"?`;
    assert.ok(text.stdout.split("\n").includes(line), text.stdout);
    assert.equal(text.stdout.trim().split("\n").length, problems.length);
  });
});

Deno.test("what config validate refuses, start refuses with the same words, and starts nothing", async () => {
  await withConfiguration(async ({ home, edit }) => {
    await edit("services/governance/limits.yaml", "per_window: 300", "per_windw: 300");
    const validated = await spgov(["admin", "config", "validate", "--json", "--home", home]);
    const { problems } = JSON.parse(validated.stdout).data;
    const started = await spgov(["start", "--json", "--port", "0", "--home", home]);
    assert.equal(started.code, 5, started.stderr);
    const { error } = JSON.parse(started.stdout);
    assert.equal(error.code, "invalid");
    for (const { line, column, message } of problems) {
      assert.ok(error.message.includes(`limits.yaml:${line}:${column} `), error.message);
      assert.ok(error.message.includes(message));
    }
    await assert.rejects(Deno.stat(`${home}/service.json`), Deno.errors.NotFound);
    await assert.rejects(Deno.stat(`${home}/postgres`), Deno.errors.NotFound);
  });
});

Deno.test("config show prints no password of a database URL", async () => {
  await withConfiguration(async ({ run, profile }) => {
    await Deno.writeTextFile(
      profile,
      `name: local\ndatabase: { url: "postgres://spgov:hunt@r2pw@db.example.test/x?password=other3" }\n`,
    );
    for (const args of [["show"], ["show", "--json"], ["list", "--json"]]) {
      const { code, stdout, stderr } = await run(...args);
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stdout + stderr, /hunt|r2pw|other3/);
    }
    assert.match((await run("show", "profile")).stdout, /db\.example\.test/);
  });
});

Deno.test("before the first start the shipped configuration is checked, and no home is made", async () => {
  await withHome(async (folder) => {
    const home = `${folder}/none`;
    const { code, stdout } = await spgov(["admin", "config", "validate", "--json", "--home", home]);
    assert.equal(code, 0);
    const { data } = JSON.parse(stdout);
    assert.deepEqual([data.valid, data.profile], [true, null]);
    await assert.rejects(Deno.stat(home), Deno.errors.NotFound);
    const named = ["admin", "config", "validate", "--profile", "prod", "--home", home];
    assert.equal((await spgov(named)).code, 3);
  });
});

const CALL = { hook_event_name: "PreToolUse", tool_name: "Bash", tool_input: { command: "ls" } };

/** One call, with the limit that the caller is told and the revision that its row carries. */
async function call(
  service: TestService,
  token: string,
): Promise<{ readonly limit: string | null; readonly revision: string }> {
  const { headers } = await service.govern(token, CALL);
  const sql = openPool(service.database, { max: 1, applicationName: "test" });
  try {
    const [row] = await sql`
      select detail->>'revision' as revision from audit where id = ${headers.get("decisionId")}`;
    return { limit: headers.get("RateLimit-Limit"), revision: row?.revision };
  } finally {
    await sql.end({ timeout: 2 });
  }
}

async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let n = 0; n < 200; n++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Not within 10 s: ${what}`);
}

Deno.test("a change on disk is in force by itself, an invalid one is reported and left out", async () => {
  const service = await startService({ gateways: 1 });
  try {
    const limits = `${service.home}/services/governance/limits.yaml`;
    const revisionNow = async (): Promise<string> =>
      JSON.parse((await service.cli("admin", "config", "list", "--json")).stdout).data.revision;
    const token = await service.token({ role: "user" });
    const before = await call(service, token);
    assert.equal(before.limit, "300");
    assert.equal(before.revision, await revisionNow());

    await edit(limits, "per_window: 300", "per_window: 301");
    const after = await eventually("the new limit", async () => {
      const now = await call(service, token);
      return now.limit === "301" ? now : undefined;
    });
    assert.equal(after.revision, await revisionNow());
    assert.notEqual(after.revision, before.revision);

    await edit(limits, "per_window: 301", "per_windw: 999");
    const refusal = await eventually(
      "the refusal in the log",
      () => Promise.resolve(service.logs().split("\n").find((line) => line.includes("per_windw"))),
    );
    const { level, message, fields: { problems } } = JSON.parse(refusal);
    assert.equal(level, "error");
    assert.match(message, /the one before stays in force/);
    assert.ok(
      problems.some((one: string) =>
        /limits\.yaml:\d+:\d+ calls\.per_windw: Unknown key\. Did you mean "per_window"\?/.test(one)
      ),
      refusal,
    );
    assert.deepEqual(await call(service, token), after, "the old configuration decides");

    await edit(limits, "per_windw: 999", "per_window: 302");
    const mended = await eventually("the mended limit", async () => {
      const now = await call(service, token);
      return now.limit === "302" ? now : undefined;
    });
    assert.equal(mended.revision, await revisionNow());
  } finally {
    await service.stop();
  }
});
