import assert from "node:assert/strict";
import { OPERATOR_ID } from "../../src/identity/mod.ts";
import { editProfile, faultTest } from "../support/fault_service.ts";
import { sendRaw, statusesOf } from "../support/raw_http.ts";
import { startService, type TestService } from "../support/service.ts";
import { changesOf } from "../support/watch.ts";

const services = new Map<string, { readonly service: TestService; readonly token: string }>();
const KINDS = ["plain", "guarded"] as const;

Deno.test.beforeAll(async () => {
  for (const kind of KINDS) services.set(kind, await start(kind));
});
Deno.test.afterAll(async () => {
  for (const { service } of services.values()) await service.stop();
});

async function start(kind: string, extra = ""): Promise<{ service: TestService; token: string }> {
  const service = await startService({
    prepare: (home) =>
      editProfile(home, (text) => `${text}server: { listener: ${kind}${extra} }\n`),
  });
  const token = await service.token();
  await service.govern(token, body("warm"));
  return { service, token };
}

function at(kind: string): { readonly service: TestService; readonly token: string } {
  const found = services.get(kind);
  if (!found) throw new Error(`No service "${kind}"`);
  return found;
}

function body(id: string): string {
  return JSON.stringify({
    hook_event_name: "PreToolUse",
    session_id: "claimed",
    tool_name: "Read",
    tool_use_id: id,
    tool_input: { file_path: "/tmp/notes" },
  });
}

/** Headers by which a caller claims to be somebody else, or somewhere else. */
const FORGED: readonly Readonly<Record<string, string>>[] = [
  { "x-forwarded-for": "203.0.113.7" },
  { "x-forwarded-for": "203.0.113.7, 127.0.0.1", forwarded: "for=203.0.113.7" },
  { "x-real-ip": "203.0.113.7", "cf-connecting-ip": "203.0.113.7" },
  { "x-user-id": "root", "x-user": "root", "x-auth-user": "root" },
  { "x-session-id": "other", "x-context-id": "other", "x-task-id": "other" },
  { "x-proxy-verified": "true", "x-authenticated": "1", "x-role": "admin" },
  { "x-http-method-override": "GET", "x-original-url": "/healthz", "x-rewrite-url": "/healthz" },
  { cookie: "session=admin; token=admin" },
  { "x-trace-id": "f".repeat(32), "x-agent-id": "admin" },
];

for (const kind of KINDS) {
  for (const headers of FORGED) {
    faultTest(`${kind}: ${Object.keys(headers).join(", ")} changes nothing`, async () => {
      const { service, token } = at(kind);
      const [plain, expected] = await changesOf(service, () => service.govern(token, body("one")));
      const [forged, { rows, windows, others }] = await changesOf(
        service,
        () => service.govern(token, body("one"), headers),
      );
      assert.deepEqual(forged.body, plain.body);
      assert.equal(rows.length, 1);
      const [row] = rows;
      const [like] = expected.rows;
      for (
        const name of ["userId", "sessionId", "contextId", "role", "taskId", "target"] as const
      ) {
        assert.equal(row?.[name], like?.[name], name);
      }
      assert.equal(row?.userId, OPERATOR_ID);
      assert.equal(row?.detail.context.client_address, "127.0.0.1");
      assert.deepEqual(windows, expected.windows);
      assert.deepEqual(others, []);
    });
  }

  const traces = [
    "",
    "garbage",
    `00-${"0".repeat(32)}-${"1".repeat(16)}-01`,
    `00-${"g".repeat(32)}-x-01`,
    `ff-${"a".repeat(32)}-${"b".repeat(16)}-01`,
    "00-" + "a".repeat(5000),
  ];
  faultTest(`${kind}: a traceparent that is none gives way to a trace of our own`, async () => {
    const { service, token } = at(kind);
    for (const traceparent of traces) {
      const [{ headers }, { rows }] = await changesOf(
        service,
        () => service.govern(token, body("trace"), { traceparent }),
      );
      assert.match(headers.get("traceId") ?? "", /^(?!0{32})[0-9a-f]{32}$/);
      assert.equal(rows[0]?.traceId, headers.get("traceId"));
      assert.ok(!traceparent.includes(headers.get("traceId") ?? ""), traceparent);
    }
    const trace = crypto.randomUUID().replaceAll("-", "");
    for (const version of ["00", "cc"]) {
      const traceparent = `${version}-${trace}-${"1".repeat(16)}-01`;
      const { headers } = await service.govern(token, body("trace"), { traceparent });
      assert.equal(headers.get("traceId"), trace);
    }
  });

  faultTest(`${kind}: a header of 100 KB is refused, and only it`, async () => {
    const { service, token } = at(kind);
    const head =
      `POST /api/public/hooks/govern HTTP/1.1\r\nhost: x\r\nx-long: ${"a".repeat(100_000)}\r\n` +
      `authorization: Bearer ${token}\r\ncontent-length: ${body("long").length}\r\n\r\n`;
    const [answer, { rows }] = await changesOf(
      service,
      () => sendRaw(service.port, [head, body("long")]),
    );
    assert.ok(
      statusesOf(answer).every((status) => status >= 400 && status < 500),
      answer.slice(0, 200),
    );
    assert.deepEqual(rows, []);
    const { body: after } = await service.govern(token, body("after"));
    assert.equal(after.hookSpecificOutput.permissionDecision, "allow");
  });

  faultTest(`${kind}: ten thousand headers are refused, and only they`, async () => {
    const { service, token } = at(kind);
    const many = Array.from({ length: 10_000 }, (_, i) => `x-${i}: 1\r\n`).join("");
    const head = `POST /api/public/hooks/govern HTTP/1.1\r\nhost: x\r\n${many}` +
      `content-length: 0\r\n\r\n`;
    const [answer, { rows }] = await changesOf(service, () => sendRaw(service.port, [head]));
    assert.ok(
      statusesOf(answer).every((status) => status >= 400 && status < 500),
      answer.slice(0, 200),
    );
    assert.deepEqual(rows, []);
    assert.equal((await service.govern(token, body("after"))).status, 200);
  });
}

/** Requests of which two readers could make two different numbers of requests. */
function smuggling(token: string): readonly (readonly [string, string])[] {
  const hidden =
    `POST /api/public/hooks/govern HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n` +
    `content-length: ${body("hidden").length}\r\n\r\n${body("hidden")}`;
  const start =
    `POST /api/public/hooks/govern HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n`;
  const chunked = `0\r\n\r\n${hidden}`;
  const length = (text: string) => `content-length: ${text.length}\r\n`;
  return [
    ["TE and CL", `${start}${length(chunked)}transfer-encoding: chunked\r\n\r\n${chunked}`],
    ["CL and TE", `${start}transfer-encoding: chunked\r\n${length(chunked)}\r\n${chunked}`],
    ["two lengths", `${start}content-length: 0\r\n${length(hidden)}\r\n${hidden}`],
    [
      "two lengths, the longer first",
      `${start}${length(hidden)}content-length: 0\r\n\r\n${hidden}`,
    ],
    ["a list of lengths", `${start}content-length: 0, ${hidden.length}\r\n\r\n${hidden}`],
    ["a length with a sign", `${start}content-length: +0\r\n\r\n${hidden}`],
    ["a hexadecimal length", `${start}content-length: 0x0\r\n\r\n${hidden}`],
    ["a negative length", `${start}content-length: -1\r\n\r\n${hidden}`],
    ["an unknown coding", `${start}transfer-encoding: xchunked\r\n\r\n${chunked}`],
    ["two codings", `${start}transfer-encoding: chunked, identity\r\n\r\n${chunked}`],
    [
      "a space before the colon",
      `${start}transfer-encoding : chunked\r\n${length(chunked)}\r\n${chunked}`,
    ],
    [
      "a folded line",
      `${start}x-a: 1\r\n transfer-encoding: chunked\r\n${length(chunked)}\r\n${chunked}`,
    ],
    [
      "a bare line feed",
      `${start}x-a: 1\ntransfer-encoding: chunked\r\n${length(chunked)}\r\n${chunked}`,
    ],
    ["NUL in a name", `${start}x\0a: 1\r\ncontent-length: 0\r\n\r\n${hidden}`],
    [
      "a chunk size beyond 64 bits",
      `${start}transfer-encoding: chunked\r\n\r\n${"f".repeat(17)}\r\n${hidden}`,
    ],
    [
      "a chunk that is longer than it says",
      `${start}transfer-encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n${hidden}`,
    ],
  ];
}

for (const kind of KINDS) {
  for (const index of smuggling("").keys()) {
    const [name] = smuggling("")[index] ?? [""];
    faultTest(`${kind}: ${name} lets no second request through`, async () => {
      const { service, token } = at(kind);
      const [, text = ""] = smuggling(token)[index] ?? [];
      const [answer, { rows }] = await changesOf(service, () => sendRaw(service.port, [text]));
      const hidden = rows.filter(({ taskId }) => taskId === "hidden");
      assert.deepEqual(hidden, [], `the hidden request was decided: ${answer}`);
      assert.ok(statusesOf(answer).length <= 1, answer);
      assert.ok(rows.every(({ decision }) => decision === "deny"));
    });
  }
}

faultTest("two requests in one go are two where nothing is doubtful", async () => {
  const { service, token } = at("plain");
  const one = (id: string) =>
    `POST /api/public/hooks/govern HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n` +
    `content-length: ${body(id).length}\r\n\r\n${body(id)}`;
  const [answer, { rows }] = await changesOf(
    service,
    () => sendRaw(service.port, [one("first") + one("hidden")]),
  );
  assert.deepEqual(statusesOf(answer), [200, 200]);
  assert.deepEqual(rows.map(({ taskId }) => taskId), ["first", "hidden"]);
});

faultTest("behind a trusted proxy the address is the one that the proxy names", async () => {
  const { service, token } = await start("guarded", ", trusted_proxies: [127.0.0.1, 10.0.0.0/8]");
  try {
    const addresses = async (header: string) => {
      const [, { rows }] = await changesOf(
        service,
        () => service.govern(token, body("proxy"), { "x-forwarded-for": header }),
      );
      return rows[0]?.detail.context.client_address;
    };
    assert.equal(await addresses("203.0.113.7"), "203.0.113.7");
    assert.equal(
      await addresses("198.51.100.1, 203.0.113.7"),
      "203.0.113.7",
      "the client's own word",
    );
    assert.equal(await addresses("203.0.113.7, 127.0.0.1"), "203.0.113.7");
    assert.equal(await addresses("198.51.100.1, 203.0.113.7:4711"), "203.0.113.7");
    assert.equal(await addresses("[2001:DB8::7]:4711, 10.9.9.9"), "2001:db8::7");
    assert.equal(await addresses("::ffff:203.0.113.7"), "203.0.113.7");
    assert.equal(await addresses(""), "127.0.0.1");
  } finally {
    await service.stop();
  }
});
