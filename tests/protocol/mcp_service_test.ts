/** The same in the real service: isolates, egress, children in their confinement, two gateways. */
import assert from "node:assert/strict";
import { startService, type TestService } from "../support/service.ts";
import { fixture, modern, openSession, post } from "../support/mcp_http.ts";

async function addServer(home: string, name: string, lines: readonly string[] = []): Promise<void> {
  const { command, args } = fixture();
  const text = [
    `name: ${name}`,
    "transport: stdio",
    `command: ${command}`,
    `args: ${JSON.stringify(args)}`,
    ...lines,
  ];
  await Deno.writeTextFile(`${home}/services/mcp/${name}.yaml`, `${text.join("\n")}\n`);
}

async function token(service: TestService, server: string): Promise<string> {
  const { code, stdout, stderr } = await service.cli(
    ...["admin", "session", "token", "--audience", "mcp", "--server", server],
  );
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

async function eventually(check: () => Promise<boolean>, what: string): Promise<void> {
  for (const until = Date.now() + 20_000;;) {
    if (await check().catch(() => false)) return;
    if (Date.now() > until) assert.fail(what);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

Deno.test("calls through the real service, over two gateways", async (t) => {
  const service = await startService({ gateways: 2, prepare: (home) => addServer(home, "fix") });
  try {
    const mine = await token(service, "fix");
    const url = `${service.url}/api/v1/mcp/fix/mcp`;

    await t.step("a call, its rows and its server's confinement", async () => {
      const { reply } = await modern(url, mine, "tools/call", {
        name: "echo",
        arguments: { a: 1 },
      });
      assert.equal(reply.result.content[0].text, '{"a":1}');
      const { id } = reply.result._meta["spgov/decision"];
      const row = await service.cli("infra", "logs", "audit", id, "--json");
      assert.match(row.stdout, /"mcp:fix\/echo"/);
      await eventually(async () => {
        const shown = (await service.cli("infra", "logs", "audit", id, "--json", "--full")).stdout;
        return /"confinement": "(bwrap|uid|none)"/.test(shown);
      }, "no outcome");
    });

    await t.step("a session is found from connections to whichever gateway", async () => {
      const session = await openSession(url, mine);
      for (let at = 0; at < 24; at++) {
        // A connection of its own each time: the kernel spreads them over the gateways.
        const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
        const response = await fetch(url, {
          client,
          method: "POST",
          headers: {
            "authorization": `Bearer ${mine}`,
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            "mcp-session-id": session.id,
          },
          body: JSON.stringify({ jsonrpc: "2.0", id: at, method: "tools/list" }),
        });
        assert.equal(response.status, 200, `request ${at}`);
        assert.match(await response.text(), /"echo"/);
        client.close();
      }
      const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };
      for (const id of [`9.${session.id.slice(2)}`, session.id.replace(/.$/, "0000")]) {
        const { status } = await post(url, mine, list, { "mcp-session-id": id });
        assert.equal(status, 404, id);
      }
    });

    await t.step("a kept call is found from either gateway", async () => {
      const capabilities = { elicitation: { form: {} } };
      for (let at = 0; at < 8; at++) {
        const asked = await modern(url, mine, "tools/call", { name: "ask" }, { capabilities });
        const { inputRequests, requestState } = asked.reply.result;
        const answers = Object.keys(inputRequests).map((key) => [key, { action: "decline" }]);
        const { reply } = await modern(url, mine, "tools/call", {
          name: "ask",
          inputResponses: Object.fromEntries(answers),
          requestState,
        }, { capabilities });
        assert.match(reply.result.content[0].text, /^decline/);
      }
    });

    await t.step("a changed file counts without a restart", async () => {
      await addServer(service.home, "fix", ["tools: { echo: { enabled: false } }"]);
      await eventually(async () => {
        const { reply } = await modern(url, mine, "tools/call", { name: "echo" });
        return reply.result.content[0].text.includes("tool_disabled");
      }, "the tool is still on");
      // What runs of a changed server is drained: a call may meet its end.
      await eventually(async () => {
        const { reply } = await modern(url, mine, "tools/call", { name: "seen" });
        return reply.result.isError === undefined;
      }, "the others do not work");
      await Deno.remove(`${service.home}/services/mcp/fix.yaml`);
      await eventually(
        async () => (await modern(url, mine, "tools/list")).status === 404,
        "still there",
      );
    });
  } finally {
    await service.stop();
  }
});

/** The embedded server and everything that it has started. */
async function databaseProcesses(home: string): Promise<number[]> {
  const file = await Deno.readTextFile(`${home}/postgres/data/postmaster.pid`);
  const postmaster = Number(file.split("\n")[0]);
  const children: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    if (parent === postmaster) children.push(Number(name));
  }
  return [postmaster, ...children];
}

function resume(pid: number): void {
  try {
    Deno.kill(pid, "SIGCONT");
  } catch {
    // It has ended meanwhile.
  }
}

Deno.test("without a durable decision nothing is sent on", async () => {
  const service = await startService({
    gateways: 1,
    database: "embedded",
    prepare: (home) => addServer(home, "fix"),
  });
  try {
    const mine = await token(service, "fix");
    const url = `${service.url}/api/v1/mcp/fix/mcp`;
    const first = await modern(url, mine, "tools/call", { name: "seen" });
    assert.ok(first.reply.result);
    const database = await databaseProcesses(service.home);
    for (const pid of database) Deno.kill(pid, "SIGSTOP");
    try {
      const { reply, status } = await modern(url, mine, "tools/call", { name: "echo" });
      assert.ok(status === 503 || reply.error.code === -32050, JSON.stringify(reply));
      if (status === 200) assert.equal(reply.error.data.retryable, true);
    } finally {
      for (const pid of database) resume(pid);
    }
    await eventually(async () => {
      const { reply } = await modern(url, mine, "tools/call", {
        name: "echo",
        arguments: { b: 2 },
      });
      return reply.result.content[0].text === '{"b":2}';
    }, "it did not come back");
  } finally {
    await service.stop();
  }
});
