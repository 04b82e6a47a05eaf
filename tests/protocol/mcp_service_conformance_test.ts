/**
 * The official conformance suite against a server that is reached directly and behind the gateway: what
 * passes directly has to pass through the real service, its confined child and its tokens.
 */
import assert from "node:assert/strict";
import { bundleConformanceServer, startMcpService } from "../support/mcp_service.ts";
import {
  obtainPeers,
  type Peers,
  type Revision,
  REVISIONS,
  runConformance,
  startConformanceServer,
} from "../support/mcp_peers/mod.ts";

const RUNS = 3;

Deno.test("what conforms directly conforms through the whole appliance", async (t) => {
  const peers = await obtainPeers();
  if ("reason" in peers) {
    await t.step({ name: `skipped: ${peers.reason}`, ignore: true, fn: () => {} });
    return;
  }
  const folder = await Deno.makeTempDir({ prefix: "spgov-conformance-" });
  const direct = await startConformanceServer();
  const gateway = await startMcpService([
    await bundleConformanceServer(folder),
    { name: "conformance-http", transport: "http", endpoint: direct.url },
  ], { gateways: 1 });
  try {
    for (const revision of REVISIONS) {
      const { passed } = await runConformance(peers, direct.url, revision);
      for (const [server, how] of UPSTREAMS) {
        await t.step(`revision ${revision}, ${how}`, async () => {
          const proxy = await gateway.openProxy(server);
          try {
            assert.deepEqual(await lostBehind(peers, proxy.url, revision, passed), []);
          } finally {
            await proxy.stop();
          }
        });
      }
    }
  } finally {
    await gateway.stop();
    await direct.stop();
    await Deno.remove(folder, { recursive: true });
  }
});

const UPSTREAMS = [
  ["conformance", "a confined child behind the gateway"],
  ["conformance-http", "a remote server behind the gateway"],
] as const;

/** What passed directly and does not pass at `url`, with what the suite says about it. */
async function lostBehind(
  peers: Peers,
  url: string,
  revision: Revision,
  passed: ReadonlySet<string>,
): Promise<readonly (readonly [string, string])[]> {
  const lost = new Map([...passed].map((check) => [check, "was not reached"]));
  // Some scenarios wait for half a second only: on a busy machine they are asked again.
  for (let run = 0; run < RUNS && lost.size > 0; run++) {
    const behind = await runConformance(peers, url, revision);
    for (const check of behind.passed) lost.delete(check);
    for (const [check, why] of behind.failed) if (lost.has(check)) lost.set(check, why);
  }
  return [...lost];
}
