import assert from "node:assert/strict";
import { join } from "node:path";
import { assertLogged, pause } from "../support/fault_load.ts";
import { LONG, scaled } from "../support/fault_scale.ts";
import { faultTest, startFaultService } from "../support/fault_service.ts";
import { compileShim, findNoCompiler } from "../support/host.ts";
import { type OwnPostgres, startOwnPostgres } from "../support/own_postgres.ts";
import type { TestService } from "../support/service.ts";
import { percentile, underLoad } from "../support/under_load.ts";

const obstacle = await findNoCompiler();

let folder: string;
let order: string;
let postgres: OwnPostgres;
let service: TestService;

Deno.test.beforeAll(async () => {
  if (obstacle) return;
  folder = await Deno.makeTempDir({ prefix: "spgov-shim-" });
  // The server removes the order that it carried out.
  await Deno.chmod(folder, 0o777);
  order = join(folder, "order");
  const shim = await compileShim("fdatasync", folder);
  postgres = await startOwnPostgres({ variables: { LD_PRELOAD: shim, SPGOV_SHIM: order } });
  service = await startFaultService({ database: { url: postgres.url } });
});

Deno.test.afterAll(async () => {
  if (obstacle) return;
  await service.stop();
  await postgres.stop();
  await Deno.remove(folder, { recursive: true });
});

faultTest("R7: fdatasync fails: PostgreSQL recovers from its log, nothing is lost", async () => {
  for (let i = 0; i < scaled(1, 5); i++) {
    const from = service.logs().length;
    const panics = countPanics(await postgres.log());
    await underLoad(service, async () => {
      await Deno.writeTextFile(order, "fail");
      while (await exists(order)) await pause(10);
    });
    assert.equal(countPanics(await postgres.log()), panics + 1);
    assertLogged(service, /audit connection is lost/, from);
    assertLogged(service, /audit connection is back/, from);
  }
}, obstacle);

for (const ms of [1, 4, 10]) {
  faultTest(`R8: a disk that takes ${ms} ms longer refuses nobody`, async () => {
    const report = await underLoad(service, async () => {
      await Deno.writeTextFile(order, `delay ${ms}`);
      await pause(scaled(1500, 60_000));
      await Deno.remove(order);
    });
    assert.equal(report.refused.size, 0);
    assert.equal(report.unknown.size, 0);
    assert.ok(percentile(report, 0.5) >= ms, "the disk was not slow");
    if (!LONG) return;
    const usual = await underLoad(service, () => pause(10_000));
    // A call waits for the commit before its own and for its own.
    const most = 2 * (percentile(usual, 0.99) + 2 * ms);
    assert.ok(percentile(report, 0.99) <= most, `p99 is above ${most} ms`);
  }, obstacle);
}

function countPanics(log: string): number {
  return log.match(/PANIC:/g)?.length ?? 0;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
