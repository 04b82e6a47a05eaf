/** All servers behind one door: names of their own, decisions about the real ones, and no more than one may use. */
import assert from "node:assert/strict";
import { fixture, modern, openSession } from "../support/mcp_http.ts";
import { startTestGateway, type TestGateway } from "../support/mcp_gateway.ts";
import { gatewayTest } from "../support/mcp_test.ts";

const SERVERS = {
  one: fixture(["legacy", "paged"]),
  two: fixture(["modern", "paged"], { tools: { slow: { enabled: false } } }),
  broken: { command: Deno.execPath(), args: ["eval", "Deno.exit(1)"] },
};

async function listAll(
  gateway: TestGateway,
  token: string,
  method: string,
  member: string,
): Promise<{ readonly name: string; readonly uri?: string }[]> {
  const items = [];
  let cursor: string | undefined;
  do {
    const params = cursor === undefined ? {} : { cursor };
    const { reply } = await modern(gateway.url("all"), token, method, params);
    items.push(...reply.result[member]);
    cursor = reply.result.nextCursor;
  } while (cursor !== undefined);
  return items;
}

gatewayTest(
  "all servers' tools under their names, and each call decided as its server's",
  SERVERS,
  async (gateway) => {
    const token = gateway.token();
    const names = (await listAll(gateway, token, "tools/list", "tools")).map(({ name }) => name);
    assert.ok(names.includes("one__echo") && names.includes("two__echo"));
    assert.ok(
      names.includes("one__slow") && !names.includes("two__slow"),
      "what is off is not there",
    );
    assert.ok(!names.some((name) => name.includes("delete_everything")));
    assert.equal(new Set(names).size, names.length);
    const url = gateway.url("all");
    for (const server of ["one", "two"]) {
      const call = { name: `${server}__echo`, arguments: { server } };
      const { reply } = await modern(url, token, "tools/call", call);
      assert.equal(reply.result.content[0].text, JSON.stringify({ server }));
    }
    const off = await modern(url, token, "tools/call", { name: "two__slow" });
    assert.match(off.reply.result.content[0].text, /tool_disabled/);
    for (const name of ["echo", "three__echo", "__echo", "one__", "one__none", "ONE__echo"]) {
      const { reply } = await modern(url, token, "tools/call", { name });
      assert.equal(reply.error?.code, -32602, name);
    }
    const targets = (await gateway.rows(6)).map(({ target }) => target);
    assert.deepEqual(targets.slice(0, 4).toSorted(), [
      "mcp:one/echo",
      "mcp:one/echo",
      "mcp:two/echo",
      "mcp:two/echo",
    ]);
    const bad = await modern(url, token, "tools/list", { cursor: "made up" });
    assert.equal(bad.reply.error.code, -32602);
  },
);

gatewayTest(
  "capabilities are merged; prompts, resources and completion find their server",
  SERVERS,
  async (gateway) => {
    const token = gateway.token();
    const url = gateway.url("all");
    const discovered = await modern(url, token, "server/discover");
    assert.equal(discovered.reply.result.capabilities.tools.listChanged, true);
    assert.match(discovered.reply.result.instructions, /## one .*\n\nBe kind\n\n## two/);
    const session = await openSession(url, token);
    const prompts = await listAll(gateway, token, "prompts/list", "prompts");
    assert.ok(prompts.some(({ name }) => name === "two__greet"));
    const prompt = await session.request("prompts/get", { name: "two__greet" });
    assert.match(prompt.reply.result.messages[0].content.text, /^Hello/);
    const read = await session.request("resources/read", { uri: "test://one" });
    assert.equal(read.reply.result.contents[0].text, "content of test://one");
    const templated = await session.request("resources/read", { uri: "test://item/7" });
    assert.ok(templated.reply.result);
    const none = await session.request("resources/read", { uri: "none://one" });
    assert.equal(none.reply.error.code, -32602);
    const completed = await session.request("completion/complete", {
      ref: { type: "ref/prompt", name: "one__greet" },
      argument: { name: "who", value: "A" },
    });
    assert.deepEqual(completed.reply.result.completion.values, ["Ada", "Alan"]);
    const templates = await session.request("completion/complete", {
      ref: { type: "ref/resource", uri: "test://item/{id}" },
      argument: { name: "id", value: "" },
    });
    assert.ok(templates.reply.result);
  },
);

Deno.test("only servers whose scopes a token has are among them", async () => {
  const servers = { one: fixture(), two: fixture() };
  const gateway = await startTestGateway({ servers });
  try {
    const token = gateway.token({ scopes: ["one:use"] });
    const names = (await listAll(gateway, token, "tools/list", "tools")).map(({ name }) => name);
    assert.ok(names.length > 0 && names.every((name) => name.startsWith("one__")));
    const { status, headers } = await modern(gateway.url("all"), token, "tools/call", {
      name: "two__echo",
    });
    assert.equal(status, 403);
    assert.match(headers.get("www-authenticate") ?? "", /scope="two:use"/);
    assert.ok(gateway.lines.opened.every(({ server }) => server === "one"));
  } finally {
    await gateway.stop();
  }
});

gatewayTest(
  "a role sees what its targets name",
  { one: fixture(), spgov: fixture() },
  async (gateway) => {
    const token = gateway.token({ tier: "user" });
    const { reply } = await modern(gateway.url("spgov"), token, "tools/list");
    assert.deepEqual(reply.result.tools, [], "denied to users by roles.yaml");
    const call = await modern(gateway.url("spgov"), token, "tools/call", { name: "echo" });
    assert.match(call.reply.result.content[0].text, /scope_restriction/);
    const other = await modern(gateway.url("one"), token, "tools/list");
    assert.ok(other.reply.result.tools.length > 5);
  },
);

gatewayTest("isolation: one upstream for each session, for everybody, or for each call", {
  session: fixture(),
  shared: fixture([], { isolation: "shared" }),
  call: fixture([], { isolation: "call" }),
}, async (gateway) => {
  const users = ["a", "b"].map((userId) => gateway.token({ userId, sessionId: userId }));
  const opened: Record<string, number> = {};
  for (const server of ["session", "shared", "call"]) {
    for (const token of users) {
      for (let at = 0; at < 2; at++) {
        await modern(gateway.url(server), token, "tools/call", { name: "echo" });
      }
    }
    opened[server] = gateway.lines.opened.filter((line) => line.server === server).length;
  }
  assert.deepEqual(opened, { session: 2, shared: 1, call: 4 });
  assert.deepEqual(
    gateway.lines.opened.map(({ server, token }) => [server, token]).slice(0, 3),
    [["session", users[0]], ["session", users[1]], ["shared", users[0]]],
    "egress finds out by the token whose a line is",
  );
});

gatewayTest("what a shared server says by itself is told to none of its users", {
  shared: fixture(["legacy"], { isolation: "shared" }),
}, async (gateway) => {
  const capabilities = { elicitation: { form: {} } };
  const session = await openSession(gateway.url("shared"), gateway.token(), capabilities);
  const logged = await session.request("tools/call", { name: "log" });
  assert.equal(logged.messages.length, 1, "no log message");
  const asked = await session.request("tools/call", { name: "ask" });
  assert.equal(asked.reply.result.content[0].text, "undefined: null", "nobody was asked");
});

/** Tools that a caller is shown. */
async function shownTo(gateway: TestGateway): Promise<string[]> {
  const { reply } = await modern(gateway.url("fix"), gateway.token(), "tools/list", {});
  return reply.result.tools.map(({ name }: { readonly name: string }) => name);
}

gatewayTest("a tool that a policy denies whatever it is called with is not listed", {
  fix: fixture(),
}, async (gateway) => {
  const shown = await shownTo(gateway);
  assert.ok(!shown.includes("echo") && shown.includes("change"), shown.join());
  const call = { name: "echo", arguments: {} };
  const { reply } = await modern(gateway.url("fix"), gateway.token(), "tools/call", call);
  assert.match(reply.result.content[0].text, /Denied by policy:no_echo/);
}, {
  policies: '@id("no_echo") forbid (principal, action, resource) when { resource.name == "echo" };',
});

gatewayTest("a tool that a policy denies for some arguments is listed", {
  fix: fixture(),
}, async (gateway) => {
  assert.ok((await shownTo(gateway)).includes("echo"));
}, {
  policies: '@id("some") forbid (principal, action, resource) ' +
    'unless { context.input.hasTag("fine") };\n',
});
