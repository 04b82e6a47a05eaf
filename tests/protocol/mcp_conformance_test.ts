/**
 * The official conformance suite against a server that is reached directly and behind the gateway: what
 * passes directly has to pass through. Computed by running both; nothing is listed but what differs on purpose.
 */
import assert from "node:assert/strict";
import { bundleConformanceServer, startGateway } from "../support/mcp_gateway.ts";
import {
  obtainPeers,
  REVISIONS,
  runConformance,
  startConformanceServer,
} from "../support/mcp_peers/mod.ts";

/** Checks that the gateway answers otherwise on purpose, each with the reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

Deno.test("what conforms directly conforms through the gateway", async (t) => {
  const peers = await obtainPeers();
  if ("reason" in peers) {
    await t.step({ name: `skipped: ${peers.reason}`, ignore: true, fn: () => {} });
    return;
  }
  const folder = await Deno.makeTempDir({ prefix: "spgov-conformance-" });
  const direct = await startConformanceServer();
  const gateway = await startGateway([await bundleConformanceServer(folder)], { gateways: 1 });
  const proxy = await gateway.openProxy("conformance");
  try {
    for (const revision of REVISIONS) {
      await t.step(`revision ${revision}`, async () => {
        const before = await runConformance(peers, direct.url, revision);
        const behind = await runConformance(peers, proxy.url, revision);
        const lost = [...before.passed].filter((check) => !behind.passed.has(check))
          .filter((check) => !Object.hasOwn(EXCEPTIONS, check))
          .map((check) => `${check}: ${behind.failed.get(check) ?? "was not reached"}`);
        assert.deepEqual(lost, []);
      });
    }
  } finally {
    await proxy.stop();
    await gateway.stop();
    await direct.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
