import assert from "node:assert/strict";
import { createUsers } from "../../src/bench/mod.ts";
import { faultTest } from "../support/fault_service.ts";
import { sendRaw, statusesOf } from "../support/raw_http.ts";
import { startService, type TestService } from "../support/service.ts";

let service: TestService;
Deno.test.beforeAll(async () => {
  service = await startService({ gateways: 2 });
});
Deno.test.afterAll(() => service.stop());

function call(extra: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    hook_event_name: "PreToolUse",
    session_id: "claimed-session",
    tool_name: "Read",
    tool_use_id: crypto.randomUUID(),
    tool_input: { file_path: "/tmp/notes" },
    ...extra,
  });
}

/** The text that a scraper gets, once it is newer than what was kept for another. */
async function scrape(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 600));
  const response = await fetch(`${service.url}/metrics`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return await response.text();
}

/** The sum of a family over the isolates, of the series that have these labels. */
function total(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const lines = [...text.matchAll(/^(\w+)\{([^\n]*)\} (\S+)$/gm)];
  return lines.filter(([, found, list = ""]) =>
    found === name &&
    Object.entries(labels).every(([label, value]) => list.includes(`${label}="${value}"`))
  ).reduce((sum, [, , , value]) => sum + Number(value), 0);
}

faultTest("any gateway tells the numbers of every isolate, each family once", async () => {
  for (let n = 0; n < 4; n++) {
    const text = await scrape();
    const up = [...text.matchAll(/^spgov_isolate_up\{isolate="([^"]+)"\} (\d)$/gm)];
    assert.deepEqual(
      Object.fromEntries(up.map(([, isolate, value]) => [isolate, value])),
      { "gateway-0": "1", "gateway-1": "1", egress: "1", jobs: "1", logs: "1" },
    );
    const families = [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name);
    assert.equal(new Set(families).size, families.length);
    const unknown = text.trimEnd().split("\n").filter((line) =>
      !/^(# (HELP|TYPE) \w+ .+|\w+\{\w+="[^"\n]*"(,\w+="(\\.|[^"\\\n])*")*\} \S+)$/.test(line)
    );
    assert.deepEqual(unknown, []);
  }
});

faultTest("decisions are counted by policy, each once, wherever they were made", async () => {
  const before = await scrape();
  const token = await service.token();
  for (let n = 0; n < 10; n++) await service.govern(token, call());
  for (let n = 0; n < 3; n++) {
    await service.govern(token, call({ tool_name: "Bash", tool_input: { command: "rm -rf /" } }));
  }
  await service.govern("no token", call());
  const after = await scrape();
  const grown = (name: string, labels: Readonly<Record<string, string>>) =>
    total(after, name, labels) - total(before, name, labels);
  const decisions = (decision: string, policy: string) =>
    grown("spgov_decisions_total", { surface: "hook", decision, policy });
  assert.equal(decisions("allow", "default_allow"), 10);
  assert.equal(decisions("deny", "tool_blocklist"), 3);
  assert.equal(decisions("deny", "auth_failure"), 1);
  assert.equal(grown("spgov_decision_duration_seconds_count", { surface: "hook" }), 14);
  assert.equal(
    grown("spgov_decision_duration_seconds_bucket", { surface: "hook", le: "+Inf" }),
    14,
  );
  assert.equal(grown("spgov_audit_rows_total", {}), 14);
  assert.equal(grown("spgov_audit_batch_size_sum", {}), 14, "the rows of all batches");
  assert.ok(grown("spgov_stage_duration_seconds_total", { stage: "secrets" }) > 0);
  assert.ok(total(after, "spgov_pool_connections", { pool: "spgov gateway-0 audit" }) >= 1);
  assert.ok(total(after, "process_memory_usage_bytes") > 1e7);
  assert.ok(total(after, "process_cpu_time_seconds_total") > 0);
});

faultTest(
  "what clients call themselves, their tools and agents is nowhere in the text",
  async () => {
    const [userId = ""] = await createUsers(service, 1);
    const token = await service.token({ userId });
    const marks = {
      tool_name: "MarkedTool",
      agent_id: "marked-agent",
      session_id: "marked-session",
    };
    await service.govern(token, call(marks));
    await service.govern(token, call({ hook_event_name: "MarkedEvent" }));
    await service.govern(
      token,
      call({ ...marks, hook_event_name: "PostToolUse", tool_response: {} }),
    );
    const text = await scrape();
    assert.doesNotMatch(text, /marked/i);
    assert.ok(!text.includes(userId));
    const labels = new Set([...text.matchAll(/[{,](\w+)="/g)].map(([, name = ""]) => name));
    const few = ["isolate", "surface", "decision", "policy", "stage", "outcome", "le", "pool"];
    const more = ["server", "kind", "state", "application", "job", "result", "severity", "sink"];
    const mcp = ["mcp_method_name", "gen_ai_operation_name", "gen_ai_tool_name", "error_type"];
    for (const label of labels) assert.ok([...few, ...more, ...mcp].includes(label), label);
  },
);

faultTest(
  "MCP requests are measured as OpenTelemetry's conventions say, denied ones without their tool",
  async () => {
    const run = (tool: string) =>
      service.cli("plugins", "mcp", "call", "demo-files", tool, "--args", '{"path":"README.md"}');
    assert.equal((await run("read_file")).code, 0);
    assert.equal((await run("delete_file")).code, 4);
    const text = await scrape();
    const name = "mcp_server_operation_duration_seconds_count";
    const known = { mcp_method_name: "tools/call", gen_ai_operation_name: "execute_tool" };
    assert.equal(total(text, name, { ...known, gen_ai_tool_name: "read_file" }), 1);
    assert.equal(total(text, name, { ...known, error_type: "tool_blocklist" }), 1);
    assert.doesNotMatch(text, /delete_file/);
    assert.ok(total(text, "spgov_upstream_starts_total", { server: "demo-files" }) >= 1);
  },
);

faultTest("this host gets it under whatever name only this host has", async () => {
  for (const host of ["localhost", "127.0.0.1", "127.0.0.2", "[::1]", "0.0.0.0"]) {
    const answer = await sendRaw(service.port, [
      `GET /metrics HTTP/1.1\r\nhost: ${host}:${service.port}\r\nconnection: close\r\n\r\n`,
    ]);
    assert.deepEqual(statusesOf(answer), [200], host);
  }
});

const ELSEWHERE: Readonly<Record<string, string>> = {
  "another name": "host: gov.example.test",
  "a name that begins like ours": "host: localhost.example.test",
  "a name that is read as a number": "host: 127.example.test",
  "a proxy that says for whom": "host: localhost\r\nx-forwarded-for: 203.0.113.9",
  "a proxy that says so in another way": "host: 127.0.0.1\r\nforwarded: for=203.0.113.9",
  "a proxy that says it is one": "host: 127.0.0.1\r\nvia: 1.1 proxy",
};

for (const [what, headers] of Object.entries(ELSEWHERE)) {
  faultTest(`without a token nobody gets it from elsewhere: ${what}`, async () => {
    const get = `GET /metrics HTTP/1.1\r\n${headers}\r\nconnection: close\r\n`;
    const refused = await sendRaw(service.port, [`${get}\r\n`]);
    assert.deepEqual(statusesOf(refused), [401]);
    assert.doesNotMatch(refused, /spgov_/);

    const admin = await service.token({ audience: "api" });
    const asked = await sendRaw(service.port, [`${get}authorization: Bearer ${admin}\r\n\r\n`]);
    assert.deepEqual(statusesOf(asked), [200]);
    assert.match(asked, /spgov_isolate_up/);

    const [userId = ""] = await createUsers(service, 1);
    const user = await service.token({ audience: "api", userId });
    const forbidden = await sendRaw(service.port, [`${get}authorization: Bearer ${user}\r\n\r\n`]);
    assert.deepEqual(statusesOf(forbidden), [403]);
    const hook = await service.token();
    const other = await sendRaw(service.port, [`${get}authorization: Bearer ${hook}\r\n\r\n`]);
    assert.deepEqual(statusesOf(other), [401], "a token for something else");
  });
}
