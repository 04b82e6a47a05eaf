import assert from "node:assert/strict";
import { parseConfig } from "../kernel/config_file.ts";
import { mcpServerProblems, mcpServerSchema } from "./config.ts";

const STDIO = `name: files
transport: stdio
command: deno
args: [run, server.ts]
secrets: { TOKEN: files-token }
environment: { MODE: test }
`;

function parse(text: string) {
  return parseConfig(mcpServerSchema, text, "files.yaml");
}

Deno.test("a server is declared by few lines; defaults fill in the rest", () => {
  const parsed = parse(STDIO);
  assert.ok(parsed.ok);
  const server = parsed.value;
  assert.ok(server.transport === "stdio");
  assert.deepEqual(server.oauth, { required: true, scopes: ["files:use"] });
  assert.deepEqual(
    [server.isolation, server.network, server.pinning, server.timeout_ms, server.concurrency],
    ["session", false, "enforce", 60_000, 16],
  );
});

for (
  const [what, text, path, message] of [
    ["a misspelt key", `${STDIO}comand: x\n`, "comand", /Did you mean "command"\?/],
    ["a key of a tool", `${STDIO}tools: { x: { enabeld: false } }\n`, "tools.x.enabeld", /enabled/],
    ["another transport's key", `${STDIO}endpoint: https://x.test\n`, "endpoint", /Unknown key/],
    ["the name of the merged server", STDIO.replace("files", "all"), "name", /not "all"/],
    ["an unknown transport", STDIO.replace("stdio", "sse"), "transport", /./],
    [
      "an endpoint of another kind",
      "name: x\ntransport: http\nendpoint: file:///etc\n",
      "endpoint",
      /./,
    ],
    [
      "a header with a line end",
      'name: x\ntransport: http\nendpoint: "http://h"\nheaders: { A: "b\\r\\nC: d" }\n',
      "headers.A",
      /printable/,
    ],
  ] as const
) {
  Deno.test(`refused: ${what}`, () => {
    const parsed = parse(text);
    assert.ok(!parsed.ok);
    assert.equal(parsed.diagnostics[0]?.path, path);
    assert.match(parsed.diagnostics[0]?.message ?? "", message);
  });
}

Deno.test("two servers of one name, and a variable set twice, are problems", () => {
  const parsed = parse(STDIO.replace("MODE", "TOKEN"));
  assert.ok(parsed.ok);
  assert.deepEqual(mcpServerProblems([parsed.value, parsed.value]).slice(0, 2), [
    'Two servers are named "files"',
    'Server "files" sets "TOKEN" by "environment" and "secrets"',
  ]);
});

Deno.test("secrets are not sent over an open line, nor written into an address", () => {
  const problems = (endpoint: string, headers: Record<string, unknown> = {}) =>
    mcpServerProblems([
      mcpServerSchema.parse({ name: "a", transport: "http", endpoint, secret_headers: headers }),
    ]);
  const secret = { "X-Key": { secret: "KEY" } };
  assert.match(problems("http://mcp.example.test/", secret).join(), /unencrypted/);
  assert.match(problems("https://ada:pw@mcp.example.test/").join(), /credentials in its address/);
  for (const address of ["https://mcp.example.test/", "http://127.0.0.1:1/", "http://[::1]:1/"]) {
    assert.deepEqual(problems(address, secret), []);
  }
  assert.deepEqual(problems("http://mcp.example.test/"), []);
});
