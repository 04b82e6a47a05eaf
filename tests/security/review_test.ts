import assert from "node:assert/strict";
import type { AuditRow, Entry } from "../../src/audit/mod.ts";
import { parseConfiguration, readConfigSources } from "../../src/config/mod.ts";
import { compileRules, createGovernor } from "../../src/governance/mod.ts";
import { createSecretScanner, secretsConfig } from "../../src/governance/mod.ts";
import { listenGuarded } from "../../src/http/guarded_listener.ts";
import {
  createApp,
  createCallLinks,
  type HttpDependencies,
  trustedProxies,
} from "../../src/http/mod.ts";
import { answerHook, type Authentication } from "../../src/http/protocol/hooks.ts";

const KEY = new TextEncoder().encode("test key");
const scanner = createSecretScanner(secretsConfig.parse({}), KEY);
const SECRET = `ghp_${"k3Jd8sPq2Lm9".repeat(3)}`;
const KNOWN: Authentication = {
  ok: true,
  userId: "ada",
  sessionId: "sess_1",
  clientId: "test",
  tier: "user",
  department: undefined,
  agent: undefined,
};
const UNKNOWN: Authentication = {
  ok: false,
  kind: "refused",
  rule: "expired",
  reason: "The token has expired",
};
const TOOL = {
  hook_event_name: "PreToolUse",
  session_id: "s",
  tool_name: "Read",
  tool_input: { file_path: "/tmp/x" },
};

async function shippedRules() {
  const sources = await readConfigSources(
    undefined,
    new URL("../../services", import.meta.url).pathname,
  );
  const loaded = await parseConfiguration(sources);
  assert.ok(loaded.ok);
  return await compileRules(loaded.value.governance, loaded.value.revision, KEY);
}

/** Answers one hook call by the shipped rules; `rows` is what the database would have been given. */
async function hook(
  body: unknown,
  options: {
    readonly who?: Authentication;
    readonly query?: string;
    readonly findDecision?: () => Promise<string | undefined>;
  } = {},
) {
  const rules = await shippedRules();
  const rows: AuditRow[] = [];
  const governor = createGovernor({
    rules: () => rules,
    ledger: {
      stamp: () => Date.now(),
      commit: ({ row }: Entry) => {
        rows.push(row);
        return Promise.resolve({ refusedBy: undefined, windows: [] });
      },
    },
  });
  const deps = {
    governor,
    links: createCallLinks(options.findDecision ?? (() => Promise.resolve(undefined))),
    authenticate: () => Promise.resolve(options.who ?? KNOWN),
    onAllow: () => "allow" as const,
    mayRecordFailure: () => true,
  };
  const request = new Request(`http://x/govern?plugin_id=${options.query ?? "p"}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  const response = await answerHook(deps, "govern", request, "127.0.0.1");
  return { rows, response, reply: await response.json() };
}

Deno.test("redaction keeps nothing of what could not be searched to its end", () => {
  const encoded = btoa(SECRET);
  const filler = "password=abcdefgh ".repeat(50_000);
  for (const text of [`${encoded} ${filler}`, `${filler} ${SECRET}`]) {
    const input = { command: text, [SECRET]: 1, codes: [103, 104, 112] };
    assert.ok(scanner.scan(input, "$").exhausted);
    const kept = JSON.stringify(scanner.redact(input, "$").value);
    assert.ok(!kept.includes(SECRET) && !kept.includes(encoded));
    assert.ok(!kept.includes("103"));
  }
});

Deno.test("a secret in a name denies the call and stands in no column", async () => {
  const bodies = {
    tool_use_id: { ...TOOL, tool_use_id: SECRET },
    session_id: { ...TOOL, session_id: SECRET },
    tool_name: { ...TOOL, tool_name: `mcp__github__${SECRET}` },
    agent_type: { ...TOOL, agent_type: SECRET },
  };
  for (const [field, body] of Object.entries(bodies)) {
    const { rows, response } = await hook(body);
    assert.equal(response.headers.get("policy"), "secret_detection", field);
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.decision, "deny");
    assert.ok(!JSON.stringify(rows).includes(SECRET), field);
  }
  const { rows, response } = await hook(TOOL, { query: SECRET });
  assert.equal(response.headers.get("policy"), "secret_detection");
  assert.ok(!JSON.stringify(rows).includes(SECRET));
});

Deno.test("the names that real clients send are kept as they are", async () => {
  const body = {
    ...TOOL,
    tool_use_id: "toolu_01A09q90qw90lq917835lq9K",
    session_id: "4f2b1c9e-0d3a-4b52-9f0e-7b1f6c2d8a10",
    agent_type: "claude_code",
  };
  const { rows, response } = await hook(body);
  assert.equal(response.headers.get("policy"), "default_allow");
  assert.equal(rows[0]?.taskId, body.tool_use_id);
  assert.equal(rows[0]?.contextId, body.session_id);
});

Deno.test("outcomes and observed events keep no secret in a name either", async () => {
  const { rows } = await hook({
    hook_event_name: "PostToolUse",
    tool_use_id: SECRET,
    tool_name: "Read",
    tool_input: {},
    tool_response: "fine",
  });
  assert.equal(rows[0]?.kind, "outcome");
  assert.ok(!JSON.stringify(rows).includes(SECRET));
});

Deno.test("a long key is not cut through a secret", async () => {
  const { rows } = await hook({ ...TOOL, [`${"x".repeat(100)} ${SECRET}`]: 1 });
  assert.ok(!JSON.stringify(rows).includes(SECRET.slice(0, 12)));
});

Deno.test("nothing of the body is kept of a caller who could not be established", async () => {
  const { rows } = await hook({ ...TOOL, cwd: "/home/ada", tool_input: { file_path: "/etc/x" } }, {
    who: UNKNOWN,
  });
  assert.equal(rows[0]?.policy, "auth_failure");
  assert.equal(rows[0]?.target, "tool:Read");
  const detail = JSON.stringify(rows[0]?.detail);
  assert.ok(!detail.includes("/etc/x") && !detail.includes("/home/ada"));
});

Deno.test("what fails on the way is answered in the form of its event", async () => {
  const { reply, rows } = await hook({
    hook_event_name: "PostToolUse",
    tool_use_id: "t1",
    tool_name: "Read",
    tool_input: {},
    tool_response: "the whole file",
  }, { findDecision: () => Promise.reject(new Error("the database is gone")) });
  assert.equal(rows.length, 0);
  assert.equal(reply.decision, "block");
  assert.equal(reply.hookSpecificOutput.hookEventName, "PostToolUse");
  assert.ok(!JSON.stringify(reply).includes("the whole file"));
});

Deno.test("a hook call to an address that is no endpoint is denied, not told that nothing is there", async () => {
  const app = createApp({} as HttpDependencies);
  for (const path of ["govern/", "governn", "hooks/govern"]) {
    const response = await app.request(`/api/public/hooks/${path}`, {
      method: "POST",
      body: JSON.stringify({ hook_event_name: "UserPromptSubmit", prompt: "hello" }),
    });
    assert.equal(response.status, 200, path);
    assert.equal((await response.json()).decision, "block", path);
  }
  assert.equal((await app.request("/api/public/other", { method: "POST" })).status, 404);
});

Deno.test("a guarded listener sends every cookie of an answer", async () => {
  const cookies = ["session=a; Path=/; HttpOnly", "form=; Path=/; Max-Age=0"];
  const listener = await listenGuarded({
    address: "127.0.0.1",
    port: 0,
    trustedProxies: trustedProxies([]),
    maxConnections: 4,
  }, () => {
    const headers = new Headers({ "x-other": "one" });
    for (const cookie of cookies) headers.append("set-cookie", cookie);
    return new Response("done", { headers });
  });
  try {
    const answer = await fetch(`http://127.0.0.1:${listener.port}/`);
    assert.equal(await answer.text(), "done");
    assert.deepEqual(answer.headers.getSetCookie(), cookies);
    assert.equal(answer.headers.get("x-other"), "one");
  } finally {
    await listener.close();
  }
});

Deno.test("a host that is none keeps a guarded listener from nothing", async () => {
  const listener = await listenGuarded({
    address: "127.0.0.1",
    port: 0,
    trustedProxies: trustedProxies([]),
    maxConnections: 4,
  }, (request) => new Response(new URL(request.url).pathname));
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: listener.port });
  try {
    const lines = ["POST /hook HTTP/1.1", "Host: a b^", "Content-Length: 0", "", ""];
    await connection.write(new TextEncoder().encode(lines.join("\r\n")));
    const buffer = new Uint8Array(1000);
    const answer = new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
    assert.match(answer, /^HTTP\/1.1 200 /);
  } finally {
    connection.close();
    await listener.close();
  }
});
