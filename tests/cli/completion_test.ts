import assert from "node:assert/strict";
import { spgov } from "./spgov.ts";

async function complete(script: string, words: readonly string[]): Promise<string[]> {
  const list = words.map((word) => `'${word}'`).join(" ");
  const program = `${script}
COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}
_spgov
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await new Deno.Command("bash", { args: ["--norc", "-c", program] })
    .output();
  assert.equal(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

async function has(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["-c", "true"] }).output()).success;
  } catch {
    return false;
  }
}

Deno.test("the bash script completes domains, verbs, and flags, past global flags", async () => {
  const { stdout: script } = await spgov(["completion", "bash"]);
  assert.ok((await complete(script, ["spgov", "inf"])).includes("infra"));
  assert.ok((await complete(script, ["spgov", "infra", "db", ""])).includes("assign-admin"));
  assert.deepEqual(await complete(script, ["spgov", "infra", "db", "migrations", "h"]), [
    "history",
  ]);
  assert.deepEqual(
    await complete(script, [
      "spgov",
      "--home",
      "infra",
      "--json",
      "infra",
      "db",
      "tables",
      "--par",
    ]),
    ["--partitions"],
  );
  assert.deepEqual(await complete(script, ["spgov", "infra", "db", "describe", "audit", "--jso"]), [
    "--json",
  ]);
  assert.deepEqual(await complete(script, ["spgov", "infra", "db", "tables", "--yes"]), []);
});

for (const shell of ["zsh", "fish"]) {
  Deno.test(`the ${shell} script names every verb and, where ${shell} is installed, parses`, async () => {
    const { stdout: script, code } = await spgov(["completion", shell]);
    assert.equal(code, 0);
    assert.match(script, /infra db migrations/);
    assert.match(script, /assign-admin/);
    if (!await has(shell)) return;
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, script);
    const { success, stderr } = await new Deno.Command(shell, { args: ["-n", file] }).output();
    await Deno.remove(file);
    assert.ok(success, new TextDecoder().decode(stderr));
  });
}
