import assert from "node:assert/strict";
import { command, spgov, withHome } from "./spgov.ts";

Deno.test("--help lists the domains on stdout, and a group's help its verbs", async () => {
  const root = await spgov(["--help"]);
  assert.equal(root.code, 0);
  assert.match(root.stdout, /^ {2}infra +\S/m);
  assert.match(root.stdout, /--profile NAME\|PATH .*\[SPGOV_PROFILE\]/);
  assert.equal(root.stderr, "");
  const group = await spgov(["infra", "db", "-h"]);
  assert.match(group.stdout, /^ {2}assign-admin +Give a user/m);
});

Deno.test("a verb's help shows arguments, flags, examples and its own exit statuses", async () => {
  const { stdout, code } = await spgov(["infra", "db", "query", "--help"]);
  assert.equal(code, 0);
  assert.match(stdout, /USAGE\n {2}spgov infra db query <sql> \[flags\]/);
  assert.match(stdout, /--limit N +.*\(default 1000\)/);
  assert.match(stdout, /EXAMPLES\n {2}spgov infra db query "select/);
  assert.match(stdout, /^ {2}3 {2}not found$/m);
  assert.doesNotMatch(stdout, /^ {2}1 {2}failure$/m);
});

Deno.test("help needs none of the heavy packages", async () => {
  const args = ["info", "--json", new URL("../../main.ts", import.meta.url).pathname];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  const graph = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: {
      specifier: string;
      dependencies?: { code?: { specifier: string }; isDynamic?: boolean }[];
    }[];
    roots: string[];
  };
  const seen = new Set<string>();
  const queue = [...graph.roots];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const found = graph.modules.find(({ specifier }) => specifier === next);
    for (const { isDynamic, code } of found?.dependencies ?? []) {
      if (!isDynamic && code?.specifier) queue.push(code.specifier);
    }
  }
  assert.ok(
    [...seen].some((module) => module.includes("@stricli/core")),
    "the graph was not walked",
  );
  const heavy = [...seen].filter((module) => /npm:\/?(postgres|hono|zod|yaml|jose)@/.test(module));
  assert.deepEqual(heavy, []);
});

Deno.test("a group without a verb prints its help on stderr and exits 2", async () => {
  for (const args of [[], ["infra"], ["infra", "db"]]) {
    const { code, stdout, stderr } = await spgov(args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, /COMMANDS/);
  }
});

Deno.test("unknown commands and flags exit 2 and say what may have been meant", async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["infar"], /Unknown command "infar".*\nhint: Did you mean "infra"\?/],
    [["infra", "db", "tabels"], /after "spgov infra db"\nhint: Did you mean "tables"\?/],
    [["infra", "db", "tables", "--fliter", "a"], /Unknown flag "--fliter"\nhint: .*"--filter"/],
    [["doctor", "--jsno"], /Did you mean "--json"\?/],
    [["--hoem", "x", "doctor"], /Did you mean "--home"/],
    [["constructor"], /Unknown command "constructor"/],
    [["infra", "toString"], /Unknown command "toString"/],
    [["--constructor"], /Unknown flag "--constructor"/],
    [["doctor", "--valueOf"], /Unknown flag "--valueOf"/],
    [["infra", "db", "describe"], /Expected an argument: <table>/],
    [["infra", "db", "describe", "a", "b"], /Unexpected argument "b"/],
    [["infra", "db", "size", "--limit", "0"], /expected a whole number from 1 to 1000/],
    [["doctor", "--port", "http"], /expected a whole number from 0 to 65535/],
    [["doctor", "--home"], /Expected a value after "--home": DIR/],
    [["doctor", "--quiet", "--verbose"], /Cannot combine/],
  ];
  for (const [args, expected] of cases) {
    const { code, stdout, stderr } = await spgov(args);
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.equal(stdout, "", args.join(" "));
    assert.match(stderr, expected);
  }
});

Deno.test("--json turns every usage error into one document on stdout", async () => {
  for (const args of [["infar"], ["doctor", "--nope"], ["infra"], ["doctor", "--port", "x"]]) {
    const { code, stdout, stderr } = await spgov([...args, "--json"]);
    assert.equal(code, 2);
    const document = JSON.parse(stdout);
    assert.deepEqual(Object.keys(document), ["error"]);
    assert.equal(document.error.code, "usage");
    assert.match(stderr, /^error: /);
  }
});

Deno.test("global flags hold before and after the verb, and the flag wins over the variable", async () => {
  await withHome(async (home) => {
    for (
      const args of [["--home", home, "--json", "doctor"], ["doctor", `--home=${home}`, "--json"]]
    ) {
      const { stdout } = await spgov(args, { env: { SPGOV_HOME: "/nowhere/at/all" } });
      const { data, kind } = JSON.parse(stdout);
      assert.equal(kind, "doctor");
      const found = data.checks.find((check: { name: string }) => check.name === "home");
      assert.match(found.detail, new RegExp(home));
    }
    const { stdout } = await spgov(["doctor", "--json"], { env: { SPGOV_HOME: home } });
    assert.match(stdout, new RegExp(home));
  });
});

Deno.test("what stands behind -- is no flag", async () => {
  const { code, stderr } = await spgov([
    "infra",
    "db",
    "describe",
    "--home",
    "/nowhere",
    "--",
    "--json",
  ]);
  assert.equal(code, 6, stderr);
  assert.match(stderr, /no database in "\/nowhere"/);
});

Deno.test("a verb without a database exits 6 and makes none", async () => {
  await withHome(async (home) => {
    const { code, stdout, stderr } = await spgov([
      "infra",
      "db",
      "tables",
      "--home",
      home,
      "--json",
    ]);
    assert.equal(code, 6);
    assert.equal(JSON.parse(stdout).error.code, "unavailable");
    assert.match(stderr, /spgov start/);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(home)), []);
  });
});

Deno.test("an unreachable external database exits 6, and its password stays out of sight", async () => {
  const env = { DATABASE_URL: "postgres://ada:hunter22@127.0.0.1:1/x" };
  const { code, stdout, stderr } = await spgov(["infra", "db", "status", "--json", "--verbose"], {
    env,
  });
  assert.equal(code, 6, stderr);
  assert.equal(JSON.parse(stdout).error.code, "unavailable");
  assert.doesNotMatch(stdout + stderr, /hunter22/);
});

Deno.test("a destructive verb asks; without a terminal it needs --yes", async () => {
  const { code, stdout, stderr } = await spgov(["infra", "db", "execute", "drop table users"]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /without a terminal\nhint: Add "--yes"/);
});

Deno.test("--version is one line, and a document with --json", async () => {
  const { stdout } = await spgov(["--version"]);
  assert.match(stdout, /^spgov \d+\.\d+\.\d+ \(source, deno [\d.]+, \w+-\w+\)\n$/);
  const { data } = JSON.parse((await spgov(["--json", "--version"])).stdout);
  assert.equal(data.form, "source");
});

Deno.test("without a terminal nothing is coloured, whatever NO_COLOR says", async () => {
  const { stdout, stderr } = await spgov(["doctor"], { env: { FORCE_COLOR: "1" } });
  assert.ok(stdout.length > 0);
  assert.ok(!(stdout + stderr).includes("\x1b"));
});

Deno.test("a reader that goes away ends the program quietly", async () => {
  const child = command(["completion", "bash"]).spawn();
  await child.stdout.cancel();
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  await child.stdin.close();
  assert.equal(stderr, "");
  assert.equal(code, 0);
});
