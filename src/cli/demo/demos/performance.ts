import type { Demo } from "../demo.ts";

const tracing: Demo = {
  name: "performance/01-request-tracing",
  title: "One call followed through the system by its trace id",
  async play(scene) {
    const session = await scene.session();
    const trace = crypto.randomUUID().replaceAll("-", "");
    const call = {
      tool_name: "Read",
      tool_input: { file_path: "/src/main.rs" },
      tool_use_id: `toolu_${scene.run}`,
    };
    const start = performance.now();
    const reply = await session.govern(call, { traceparent: `00-${trace}-00f067aa0ba902b7-01` });
    const ms = performance.now() - start;
    scene.expect(
      `the decision came back, durable (${ms.toFixed(1)} ms)`,
      reply.verdict === "allow",
      reply.body,
    );
    scene.expect("the answer has the caller's trace id", reply.headers.get("traceid") === trace);
    await session.track({ ...call, hook_event_name: "PostToolUse", tool_response: { lines: 10 } });
    const found = await scene.spgov("infra", "logs", "audit", trace, "--full");
    const [row] = found.data?.calls ?? [];
    scene.expect("the trace leads to the row", row?.request_id === reply.decisionId, found.data);
    scene.expect("with its outcome", row?.outcome === "ok", row?.outcome);
    scene.expect("with the time that the stages took", row?.latency_us > 0, row?.latency_us);
    const shown = await scene.spgov("infra", "logs", "trace", "show", trace);
    scene.expect(
      "the timeline has both",
      JSON.stringify(shown.data ?? "").includes(reply.decisionId),
      shown.data,
    );
  },
};

const REQUESTS = 500;
const CONNECTIONS = 50;

const load: Demo = {
  name: "performance/02-load-test",
  title: `${REQUESTS} calls over ${CONNECTIONS} connections: all allowed, each with its row`,
  async play(scene) {
    const session = await scene.session();
    let sent = 0;
    let allowed = 0;
    const start = performance.now();
    const callers = Array.from({ length: CONNECTIONS }, async () => {
      while (sent < REQUESTS) {
        const n = sent++;
        const reply = await session.govern({
          tool_name: "Read",
          tool_input: { file_path: `/src/${n}.rs` },
        });
        if (reply.verdict === "allow") allowed++;
      }
    });
    await Promise.all(callers);
    const seconds = (performance.now() - start) / 1000;
    scene.say(
      `${
        Math.round(REQUESTS / seconds)
      } decisions/s from this client; "spgov bench" measures properly`,
    );
    scene.expect(`${REQUESTS} calls are allowed`, allowed === REQUESTS, allowed);
    const sql =
      `select count(*)::int as rows from audit where session_id = '${session.id}' and kind = 'decision'`;
    const counted = await scene.spgov("infra", "db", "query", sql);
    scene.expect(
      `${REQUESTS} rows stand in the audit`,
      counted.data?.rows?.[0]?.rows === REQUESTS,
      counted.data,
    );
  },
};

export const PERFORMANCE: readonly Demo[] = [tracing, load];
