import { readCall } from "./payloads.ts";
import { cpuTimes } from "./processes.ts";
import { createTemplate } from "./request.ts";
import { type LoadResult, runLoad } from "./load.ts";

/** What the generator can do by itself, and what a request costs it. */
export interface Ceiling {
  readonly perSecond: number;
  readonly p99Ms: number;
  /** CPU microseconds of the generator's thread for one request. */
  readonly cpuUs: number;
}

/** Answers like an allowed call, after reading the body, and does nothing else. */
const SERVER = `
const body = '{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"allow"}}';
const headers = {
  "content-type": "application/json", "policy": "default_allow", "decisionid": crypto.randomUUID(),
  "traceid": "0".repeat(32), "ratelimit-limit": "300", "ratelimit-remaining": "299", "ratelimit-reset": "60",
};
Deno.serve({
  hostname: "127.0.0.1", port: 0, onListen: ({ port }) => self.postMessage(port),
}, async (request) => { await request.bytes(); return new Response(body, { headers }); });
`;

/** Runs the generator against a server that does nothing, in a worker. */
export async function measureCeiling(connections: number, ms: number): Promise<Ceiling> {
  const worker = new Worker(`data:application/javascript,${encodeURIComponent(SERVER)}`, {
    type: "module",
  });
  try {
    const port = await new Promise<number>((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
    });
    const template = createTemplate({
      host: "127.0.0.1",
      path: "/",
      token: "x".repeat(400),
      body: readCall("ceiling"),
    });
    const run = (amount: number): Promise<LoadResult> =>
      runLoad({
        hostname: "127.0.0.1",
        port,
        connections,
        templates: () => [template],
        amount: { ms: amount },
      });
    await run(Math.min(1000, ms));
    const before = cpuTimes(Deno.pid)["generator"] ?? 0;
    const result = await run(ms);
    const used = (cpuTimes(Deno.pid)["generator"] ?? 0) - before;
    return {
      perSecond: Math.round(result.perSecond),
      p99Ms: result.latencyUs.p99 / 1000,
      cpuUs: Number((used * 1000 / result.answered).toFixed(1)),
    };
  } finally {
    worker.terminate();
  }
}
