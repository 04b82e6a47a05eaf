import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { leavesNoCore } from "../../src/kernel/core_dumps.ts";
import { startService } from "../support/service.ts";

const CHILD = fileURLToPath(new URL("../support/core_child.ts", import.meta.url));

/** Runs a command where core files of any size may be written, as far as this host lets them. */
async function crash(
  command: readonly string[],
): Promise<{ readonly code: number; readonly files: string[] }> {
  const folder = await Deno.makeTempDir({ prefix: "spgov-core-" });
  try {
    const line = `ulimit -c unlimited; "$@" & wait $!`;
    const { code } = await new Deno.Command("sh", {
      args: ["-c", line, "sh", ...command],
      cwd: folder,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return { code, files: await Array.fromAsync(Deno.readDir(folder), ({ name }) => name) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const ABORTED = 128 + 6;
const ABORTS = ["sh", "-c", "kill -ABRT $$"];

/** A host that hands cores to a program, or forbids them, shows nothing in a folder. */
async function writesCores(): Promise<boolean> {
  return (await crash(ABORTS)).files.length > 0;
}

Deno.test("a process that forbids core files leaves none when it crashes, nor do its children", async (test) => {
  const run = [Deno.execPath(), "run", "--quiet", "-A", CHILD];
  assert.deepEqual(await crash(run), { code: ABORTED, files: [] });
  await test.step({
    name: "where one that does not forbid them leaves one",
    ignore: !await writesCores(),
    fn: async () => assert.equal((await crash(ABORTS)).files.length, 1),
  });
});

Deno.test("the service leaves no core file, whatever the limit was when it was started", async () => {
  const shell = {
    command: "sh",
    args: ["-c", 'ulimit -c unlimited; exec "$0" "$@"', Deno.execPath(), "run", "-A", "main.ts"],
  };
  const service = await startService({ self: shell });
  try {
    const { pid } = JSON.parse(await Deno.readTextFile(`${service.home}/service.json`));
    assert.ok(await leavesNoCore(pid));
  } finally {
    await service.stop();
  }
});
