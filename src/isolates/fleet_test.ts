import assert from "node:assert/strict";
import type { GatewayConfiguration } from "./gateway_configuration.ts";
import { createLog } from "../kernel/log.ts";
import { createFleet } from "./fleet.ts";
import type { GatewayApi } from "./protocol.ts";
import type { Isolate } from "./spawn.ts";

/** A gateway that says what it was asked to load. */
function gateway(loaded: string[]): Isolate<GatewayApi> {
  const remote = {
    reload: ({ revision }: GatewayConfiguration) => Promise.resolve(void loaded.push(revision)),
    stop: () => Promise.resolve(),
  };
  return {
    name: "gateway",
    remote: remote as unknown as Isolate<GatewayApi>["remote"],
    crashed: new Promise<string>(() => {}),
    terminate: () => {},
  };
}

Deno.test("a configuration that changes while a gateway starts does not pass it by", async () => {
  const log = createLog({ module: "test", write: () => {} });
  const start = Promise.withResolvers<void>();
  const loaded: string[] = [];
  const fleet = createFleet(() => start.promise.then(() => gateway(loaded)), log);
  const started = fleet.start(1);
  fleet.reload({ revision: "newer" } as GatewayConfiguration);
  start.resolve();
  await started;
  assert.deepEqual(loaded, ["newer"]);
  fleet.reload({ revision: "newest" } as GatewayConfiguration);
  assert.deepEqual(loaded, ["newer", "newest"]);
  await fleet.stop();
});
