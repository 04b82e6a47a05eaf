/** The servers for demonstrations, as `spgov serve-demo` serves them, with messages of both eras. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const TOKEN = "a/b+c demo credential é";

interface Message {
  readonly id?: number;
  // deno-lint-ignore no-explicit-any -- looked into by path
  readonly result?: any;
  readonly error?: { readonly code: number };
}

interface Sent {
  readonly jsonrpc: "2.0";
  readonly method: string;
  readonly id?: number;
  readonly params?: object;
}

interface Served {
  readonly code: number;
  readonly answers: readonly Message[];
  readonly stderr: string;
}

Deno.test("a session of 2025 and a request of 2026 get the same answers", async () => {
  const call = { name: "read_file", arguments: { path: "README.md" } };
  const old = await serve("files", [...HANDSHAKE, request(2, "tools/call", call)]);
  const [, second] = old.answers;
  const modern = await serve("files", [request(2, "tools/call", { ...call, ...ENVELOPE })]);
  const [first] = modern.answers;
  assert.deepEqual(first?.result.content, second?.result.content);
  assert.match(first?.result.content[0].text, /^# Shop/);
  assert.deepEqual([old.code, modern.code], [0, 0]);
});

Deno.test("files: structured results, resources, and what is missing is an error", async () => {
  const { answers } = await serve("files", [
    ...HANDSHAKE,
    request(2, "tools/call", { name: "list_files", arguments: { prefix: "data/" } }),
    request(3, "resources/read", { uri: "demo://files/data/products.csv" }),
    request(4, "resources/read", { uri: "demo://files/../../etc/passwd" }),
    request(5, "tools/call", { name: "read_file", arguments: { path: "/etc/passwd" } }),
  ]);
  const found = new Map(answers.map((answer) => [answer.id, answer]));
  assert.equal(found.get(2)?.result.structuredContent.files[0].path, "data/products.csv");
  assert.match(found.get(3)?.result.contents[0].text, /lamp/);
  assert.ok(found.get(4)?.error);
  assert.equal(found.get(5)?.result.isError, true);
});

Deno.test("github: it leaks in every form that it promises, and says that it was started", async () => {
  const forms = ["raw", "base64", "hex", "url"];
  const { answers, stderr } = await serve("github", [
    ...HANDSHAKE,
    ...forms.map((form, i) =>
      request(i + 2, "tools/call", { name: "leak_credential", arguments: { form } })
    ),
    request(9, "tools/call", { name: "leak_environment", arguments: {} }),
  ], { GITHUB_TOKEN: TOKEN });
  const texts = new Map(answers.map(({ id, result }) => [id, result?.content?.[0].text ?? ""]));
  const bytes = new TextEncoder().encode(TOKEN);
  const leaked = [TOKEN, bytes.toBase64(), bytes.toHex()];
  leaked.forEach((form, i) => assert.ok(texts.get(i + 2).includes(form), forms[i]));
  assert.ok(decodeURIComponent(texts.get(5)).includes(TOKEN));
  assert.ok(texts.get(9).includes(`GITHUB_TOKEN=${TOKEN}`));
  assert.match(stderr, /^demo-github started, process \d+\n/);
});

Deno.test("a server that nobody knows ends with status 3", async () => {
  const { code, stderr } = await serve("nothing", []);
  assert.equal(code, 3);
  assert.match(stderr, /There are: echo, files, github/);
});

const ENVELOPE = {
  _meta: {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  },
};

const HANDSHAKE: readonly Sent[] = [
  request(1, "initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  }),
  { jsonrpc: "2.0", method: "notifications/initialized" },
];

function request(id: number, method: string, params: object): Sent {
  return { jsonrpc: "2.0", id, method, params };
}

/** Sends the messages, waits for every answer, then ends the input. */
async function serve(
  name: string,
  messages: readonly Sent[],
  env: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "-A", MAIN, "serve-demo", name],
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const input = child.stdin.getWriter();
  const lines = messages.map((message) => `${JSON.stringify(message)}\n`).join("");
  if (lines !== "") await input.write(new TextEncoder().encode(lines));
  const expected = messages.filter(({ id }) => id !== undefined).length;
  const answers: Message[] = [];
  let rest = "";
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (answers.length < expected) {
    const { done, value } = await output.read();
    if (done) break;
    const parts = (rest + value).split("\n");
    rest = parts.pop() ?? "";
    answers.push(...parts.map((line) => JSON.parse(line) as Message).filter(({ id }) => id));
  }
  await output.cancel();
  await input.close().catch(() => {});
  const { code } = await child.status;
  return { code, answers, stderr: await stderr };
}
