import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import { pause } from "../support/fault_load.ts";
import { withDatabase } from "../support/mod.ts";

Deno.test("a pool whose connections are cut in the middle of everything works afterwards", async () => {
  await withDatabase(async ({ owner }) => {
    const killer = openPool(owner, { max: 1, applicationName: "killer" });
    const sql = openPool(owner, { max: 4, applicationName: "victim", connectTimeoutSeconds: 3 });
    let isOver = false;
    const failures = new Set<string>();

    async function work(index: number): Promise<void> {
      while (!isOver) {
        const asked = index % 2 === 0
          ? sql`select 1`
          : sql.begin(async (tx) => [await tx`select pg_sleep(0.001)`, await tx`select 2`]);
        await asked.catch((error) => failures.add(error.code));
        await pause(1);
      }
    }

    const workers = Promise.all(Array.from({ length: 12 }, (_, index) => work(index)));
    for (let i = 0; i < 60; i++) {
      await killer`
        select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'`;
      await pause(20);
    }
    isOver = true;
    await workers;
    const all = Array.from({ length: 8 }, () => sql`select pg_sleep(0.05), 1 as n`);
    const answers = await Promise.allSettled(all);
    const again = await Promise.all(Array.from({ length: 8 }, () => sql`select 1 as n`));
    await Promise.all([sql.end({ timeout: 1 }), killer.end({ timeout: 1 })]);

    assert.ok(failures.size > 0, "nothing was cut");
    assert.ok(answers.some(({ status }) => status === "fulfilled"));
    assert.deepEqual(again.map(([row]) => row?.["n"]), Array(8).fill(1));
  });
});

Deno.test("an error that is not the driver's still ends an isolate", async () => {
  const source = `
    import { openPool } from "${new URL("../../src/db/mod.ts", import.meta.url).href}";
    openPool({ host: "127.0.0.1", port: 1, user: "u", database: "d" }, { max: 1, applicationName: "x" });
    setTimeout(() => { throw new TypeError("Cannot read properties of null (reading 'write')"); }, 0);
    setTimeout(() => postMessage("survived"), 500);
  `;
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(path, source);
  const worker = new Worker(`file://${path}`, { type: "module" });
  try {
    const end = Promise.withResolvers<string>();
    worker.onerror = (event) => {
      event.preventDefault();
      end.resolve("ended");
    };
    worker.onmessage = ({ data }) => end.resolve(data);
    assert.equal(await end.promise, "ended");
  } finally {
    worker.terminate();
    await Deno.remove(path);
  }
});
