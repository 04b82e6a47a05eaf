import assert from "node:assert/strict";
import { assertLogged, pause } from "../support/fault_load.ts";
import { scaled } from "../support/fault_scale.ts";
import { faultTest, startFaultService } from "../support/fault_service.ts";
import { type OwnPostgres, startOwnPostgres } from "../support/own_postgres.ts";
import type { TestService } from "../support/service.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp_proxy.ts";
import { underLoad } from "../support/under_load.ts";

let postgres: OwnPostgres;
let proxy: TcpProxy;
let service: TestService;

Deno.test.beforeAll(async () => {
  postgres = await startOwnPostgres();
  proxy = await startTcpProxy(postgres.port);
  const url = postgres.url.replace(`:${postgres.port}/`, `:${proxy.port}/`);
  service = await startFaultService({ database: { url } });
});

Deno.test.afterAll(async () => {
  await service.stop();
  await proxy.close();
  await postgres.stop();
});

faultTest(
  "R9: packets vanish, then all arrive at once: no call waits for ever, none is recorded twice",
  async () => {
    for (let i = 0; i < scaled(1, 5); i++) {
      const from = service.logs().length;
      const report = await underLoad(service, async () => {
        proxy.swallow();
        await pause(scaled(4500, 30_000));
        proxy.heal();
      });
      assert.ok(report.refused.size > 100, `only ${report.refused.size} calls were refused`);
      assert.equal(report.unknown.size, 0);
      assertLogged(service, /audit connection is lost/, from);
      assertLogged(service, /audit connection is back/, from);
    }
  },
);

faultTest("R10: every connection is reset, again and again", async () => {
  const from = service.logs().length;
  const lost = /audit connection is lost/;
  // A reset between two statements costs nothing and is no news: until one hit a statement, go on.
  const isTold = () => lost.test(service.logs().slice(from));
  await underLoad(service, async () => {
    for (let i = 0; i < scaled(10, 300) || (!isTold() && i < 100); i++) {
      proxy.reset();
      await pause(200);
    }
  });
  assertLogged(service, lost, from);
});
