/**
 * The whole appliance with a secret in use: afterwards its value is nowhere but in the memory of egress and of
 * the server that was given it.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { pause } from "../../src/kernel/pause.ts";
import { command } from "../cli/spgov.ts";
import { startService, type TestService } from "../support/service.ts";

const VALUE = "ghp_Canary7391xYz/+dd2K";
const NAME = "demo-github-token";
const SERVER = "demo-github";

/** What the value looks like in any place that it must not be in. */
const FORMS: readonly string[] = [
  VALUE,
  ...[0, 1, 2].map((offset) => {
    const text = Buffer.from("x".repeat(offset) + VALUE).toString("base64");
    return text.slice(offset === 0 ? 0 : offset + 1, Math.floor((offset + VALUE.length) * 8 / 6));
  }),
  Buffer.from(VALUE).toString("base64url").slice(0, 28),
  Buffer.from(VALUE).toString("hex"),
  Buffer.from(VALUE).toString("hex").toUpperCase(),
  encodeURIComponent(VALUE),
  [...VALUE].reverse().join(""),
];

function assertAbsent(bytes: Uint8Array | string, where: string): void {
  const content = typeof bytes === "string" ? Buffer.from(bytes) : Buffer.from(bytes.buffer);
  for (const form of FORMS) {
    assert.equal(content.includes(form), false, `${where} holds ${JSON.stringify(form)}`);
  }
}

/** Every process that belongs to the service or was started by it, the service first. */
async function processesOf(root: number): Promise<number[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "pid=,ppid="] }).output();
  const pairs = new TextDecoder().decode(stdout).trim().split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [root];
  for (let at = 0; at < found.length; at++) {
    found.push(...pairs.flatMap(([pid = 0, parent]) => parent === found[at] ? [pid] : []));
  }
  return found;
}

/** Command line and environment of a process; empty when it is gone. */
async function exposedBy(pid: number): Promise<string> {
  const read = (file: string): Promise<string> =>
    Deno.readTextFile(`/proc/${pid}/${file}`).catch(() => "");
  return `${await read("cmdline")}\n${await read("environ")}`;
}

/** Sets the secret while its process is looked at: the value is on its way in, and nowhere to be seen. */
async function setWatched({ home }: TestService, args: readonly string[]): Promise<void> {
  const child = command(["cloud", "secrets", ...args, "--home", home, "--verbose"]).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(VALUE));
  for (let look = 0; look < 20; look++) {
    assertAbsent(await exposedBy(child.pid), "the command line's process");
    await pause(25);
  }
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  assertAbsent(stdout, "its standard output");
  assertAbsent(stderr, "its standard error");
}

async function assertHomeClean(home: string): Promise<number> {
  let files = 0;
  async function look(folder: string): Promise<void> {
    for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) await look(path);
      if (!isFile || name === "ballast") continue;
      files++;
      assertAbsent(await Deno.readFile(path), path);
    }
  }
  await look(home);
  return files;
}

Deno.test("the search that is used here finds each form", () => {
  for (const form of FORMS) {
    const bytes = new TextEncoder().encode(`a ${form} z`);
    assert.throws(() => assertAbsent(bytes, "it"), form);
    assert.throws(() => assertAbsent(`a ${form} z`, "it"), form);
  }
  for (const offset of ["", "x", "xy"]) {
    assert.throws(() => assertAbsent(btoa(`${offset}${VALUE}z`), "it"), offset);
  }
});

Deno.test("a value in use is in no log, row, file, argument, environment or answer", async () => {
  const service = await startService({
    database: "embedded",
    prepare: async (home) => {
      const profile = `${home}/profiles/local/profile.yaml`;
      const text = await Deno.readTextFile(profile);
      await Deno.writeTextFile(profile, text.replace("level: warn", "level: debug"));
    },
  });
  try {
    await setWatched(service, ["set", NAME, "--server", SERVER]);
    const call = (tool: string, input: unknown = {}) =>
      service.cli(
        "plugins",
        "mcp",
        "call",
        SERVER,
        tool,
        "--args",
        JSON.stringify(input),
        "--json",
      );
    const who = await call("whoami");
    assert.match(who.stdout, new RegExp(`"length": ${VALUE.length}`), who.stdout + who.stderr);
    const leaks = [
      ...["raw", "base64", "hex", "url", "split"].map((form) => call("leak_credential", { form })),
      call("leak_environment"),
      call("leak_error"),
    ];
    for (const leak of leaks) {
      const { stdout, stderr } = await leak;
      assert.match(stdout, /\[redacted:demo-github-token\]/, stdout + stderr);
      assertAbsent(stdout, "an answer");
      assertAbsent(stderr, "an answer's standard error");
    }
    const verbs = [
      ["cloud", "secrets", "list", "--json"],
      ["cloud", "secrets", "show", NAME, "--json"],
      ["infra", "logs", "tools", "list", "--json"],
      ["plugins", "mcp", "logs", SERVER, "--json"],
      ["infra", "db", "query", "select to_jsonb(audit) as row from audit", "--json"],
      ["doctor", "--json"],
    ];
    for (const verb of verbs) {
      const { stdout, stderr } = await service.cli(...verb);
      assertAbsent(stdout + stderr, verb.join(" "));
    }
    // Of all processes only one that was given the value may show it, and each of those has ended with its call.
    for (const pid of await processesOf(service.pid)) {
      assertAbsent(await exposedBy(pid), `process ${pid}`);
    }
    assertAbsent(service.logs(), "the service's log");
    const rotated = await service.cli("cloud", "secrets", "rotate-key");
    assert.equal(rotated.code, 0, rotated.stderr);
    assert.ok(await assertHomeClean(service.home) > 100);
  } finally {
    await service.stop();
  }
});
