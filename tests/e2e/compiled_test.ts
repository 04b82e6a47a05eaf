/**
 * What `deno compile` embeds. Deno itself stands in for its base binary, which is not to be had
 * everywhere: the result does not run as the program, but carries all that it would.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { ENTRIES } from "../../src/isolates/entries.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("the compiled form embeds the isolates, migrations, defaults and PostgreSQL", async () => {
  const folder = await Deno.makeTempDir({ prefix: "spgov-compiled-" });
  try {
    const output = join(folder, "spgov");
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "scripts/compile.ts", "--form", "compiled", "--output", output],
      cwd: ROOT,
      env: { DENORT_BIN: await Deno.realPath(Deno.execPath()), NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    assert.equal(code, 0, decoder.decode(stderr));
    assert.match(decoder.decode(stdout), /\d+\.\d MB, form compiled/);

    const [embedded, base] = await Promise.all([
      Deno.readFile(output),
      Deno.stat(await Deno.realPath(Deno.execPath())),
    ]);
    const content = Buffer.from(embedded.subarray(base.size));
    const holds = (text: string) => content.includes(text);
    const shipped = ["migrations/0001_audit.sql", "services/governance/limits.yaml"];
    for (const path of [...Object.values(ENTRIES), ...shipped]) {
      assert.ok(holds(await firstLine(path)), `${path} is missing`);
    }
    assert.ok(holds("initializes a PostgreSQL database cluster"), "initdb is missing");
    assert.ok(holds("PostgreSQL Global Development Group"), "the licences are missing");
    // An empty list allows everything, none at all nothing.
    assert.ok(holds(`"allow_run":[]`), "no permissions are baked in");
    assert.ok(
      holds(`"features":["net","worker-options","no-legacy-abort"]`),
      "features are not turned on",
    );
    assert.ok(!holds("libpgcommon_shlib.a"), "libraries for developers are not left out");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The first line that is long enough to be nobody else's. */
async function firstLine(path: string): Promise<string> {
  const lines = (await Deno.readTextFile(join(ROOT, path))).split("\n");
  return lines.find((line) => line.length > 30 && /^[\x20-\x7e]+$/.test(line)) ?? path;
}
