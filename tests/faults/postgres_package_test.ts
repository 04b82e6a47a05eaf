import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const PACKAGE = fileURLToPath(new URL("../../src/postgres/postgres_package.ts", import.meta.url));

/** The runtime asks the registry a few times by itself before it gives up. */
const ASKED_BY_ONE_RUN = 8;

/** Fetches with an empty cache from the registry at `port`. */
async function fetchFrom(port: number, scratch: string): Promise<string> {
  const program = `
    const { fetchPackage } = await import(${JSON.stringify(`file://${PACKAGE}`)});
    await fetchPackage().catch(({ code, message, hint }) => console.log(code, message, hint));`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", program],
    env: {
      DENO_DIR: `${scratch}/cache`,
      TMPDIR: scratch,
      NPM_CONFIG_REGISTRY: `http://127.0.0.1:${port}`,
    },
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("a package that cannot be fetched is tried for again, says why, and leaves nothing", async () => {
  const scratch = await Deno.makeTempDir();
  let asked = 0;
  const registry = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    asked++;
    return new Response("busy", { status: 403 });
  });
  try {
    const said = await fetchFrom(registry.addr.port, scratch);
    assert.match(said, /^unavailable The embedded PostgreSQL could not be fetched: .*403/);
    assert.match(said, /DATABASE_URL/);
    assert.ok(!said.includes(scratch), said);
    assert.ok(asked > 2 * ASKED_BY_ONE_RUN, `${asked}`);
    for await (const { name } of Deno.readDir(scratch)) assert.equal(name, "cache");
  } finally {
    await registry.shutdown();
    await Deno.remove(scratch, { recursive: true });
  }
});
