/** The servers that are a part of the appliance: `self` tells nobody of another, `admin` runs verbs by permission. */
import assert from "node:assert/strict";
import { type McpService, startMcpService, writeServer } from "../support/mcp_service.ts";

// deno-lint-ignore no-explicit-any -- documents of every shape
type Document = any;

interface World {
  readonly service: McpService;
  /** Calls a tool and answers its structured content. */
  ask(server: string, tool: string, args?: object, ...flags: string[]): Promise<Document>;
  /** Calls a tool and answers the exit status. */
  status(server: string, tool: string, args: object, ...flags: string[]): Promise<number>;
}

async function withWorld(work: (world: World) => Promise<void>): Promise<void> {
  const service = await startMcpService([], {
    gateways: 1,
    async prepare(home) {
      const path = `${home}/services/governance/limits.yaml`;
      const text = await Deno.readTextFile(path);
      await Deno.writeTextFile(
        path,
        text.replace("budgets: []", BUDGETS).replace("prices: []", PRICES),
      );
    },
  });
  const call = (server: string, tool: string, args: object, flags: readonly string[]) => {
    const words = ["plugins", "mcp", "call", server, tool, "--args", JSON.stringify(args)];
    return service.cli(...words, ...flags, "--json");
  };
  try {
    await work({
      service,
      async ask(server, tool, args = {}, ...flags) {
        const { stdout, stderr } = await call(server, tool, args, flags);
        const { data } = JSON.parse(stdout || "{}");
        assert.ok(data?.success, `${tool}: ${stdout}${stderr}`);
        return data.structured_content;
      },
      status: async (server, tool, args, ...flags) => (await call(server, tool, args, flags)).code,
    });
  } finally {
    await service.stop();
  }
}

/** Of the form of an access key. */
const LEAK = { path: "x", content: `${"AK"}IAQ3EGRTSMZ4VLJ2XA` };

const BUDGETS = `budgets:
  - { id: daily, per: user, unit: microdollars, cap: 1000, window: 24h }
  - { id: finance, per: department, match: finance, unit: calls, cap: 5, window: 24h }`;

const PRICES = `prices:
  - { target: "mcp:demo-files/*", microdollars: 40 }`;

Deno.test("self: each caller sees its own calls and limits, and nobody else's", async (t) => {
  await withWorld(async ({ service, ask, status }) => {
    for (const name of ["ada", "bob"]) {
      const create = ["admin", "users", "create", "--name", name, "--email", `${name}@x.test`];
      const { code, stderr } = await service.cli(...create);
      assert.equal(code, 0, stderr);
    }
    const [ada, bob] = [["--user", "ada"], ["--user", "bob"]] as const;
    const read = { path: "README.md" };
    for (let n = 0; n < 3; n++) await ask("demo-files", "read_file", read, ...ada).catch(() => {});
    assert.equal(await status("demo-files", "read_file", { path: "none" }, ...ada), 1);
    assert.equal(await status("demo-files", "delete_file", read, ...ada), 4);
    assert.equal(await status("demo-files", "write_file", LEAK, ...bob), 4);

    await t.step("error rate and denials", async () => {
      const own = await ask("self", "my_error_rate", {}, ...ada);
      // Three that worked, one that failed, one that was denied, and the question itself.
      assert.deepEqual([own.calls, own.ok, own.errors, own.denied], [6, 3, 1, 1]);
      assert.equal(own.error_rate, 0.25);
      const { denials } = await ask("self", "my_recent_denials", {}, ...ada);
      assert.deepEqual(denials.map(({ policy }: Document) => policy), ["tool_blocklist"]);
      assert.equal(denials[0].target, "mcp:demo-files/delete_file");
      const theirs = await ask("self", "my_recent_denials", {}, ...bob);
      assert.deepEqual(theirs.denials.map(({ target }: Document) => target), [
        "mcp:demo-files/write_file",
      ]);
    });

    await t.step("cost, latency and what is left of budgets", async () => {
      const cost = await ask("self", "my_cost", {}, ...ada);
      assert.equal(cost.microdollars, 4 * 40, "four that ran");
      assert.equal((await ask("self", "my_cost", {}, ...bob)).microdollars, 0);
      const { budgets } = await ask("self", "my_budget_remaining", {}, ...ada);
      assert.deepEqual(budgets.map(({ id, used, remaining }: Document) => [id, used, remaining]), [
        ["daily", 160, 840],
      ]);
      const latency = await ask("self", "my_latency", { since: "1h" }, ...ada);
      assert.ok(latency.decision_us.p50 > 0 && latency.execution_us.max > 0);
      const nothing = await ask("self", "my_cost", { since: "0s" }, ...ada);
      assert.equal(nothing.microdollars, 0);
    });

    await t.step("limits of the session", async () => {
      const limits = await ask("self", "my_limits", {}, ...bob);
      assert.deepEqual([limits.role, limits.cap, limits.used], ["user", 300, 1]);
      assert.equal(limits.remaining, 299);
    });

    await t.step("no argument names anybody else", async () => {
      for (const extra of [{ user_id: "ada" }, { user: "ada" }, { agent: "x" }]) {
        const { denials } = await ask("self", "my_recent_denials", extra, ...bob);
        assert.ok(denials.every(({ target }: Document) => target.endsWith("/write_file")));
      }
      assert.equal(await status("self", "my_cost", { since: "' or 1=1 --" }, ...bob), 1);
    });
  });
});

Deno.test("admin: verbs as tools, by permission, without a shell", async (t) => {
  await withWorld(async ({ service, ask, status }) => {
    await t.step("a verb that reads answers its document", async () => {
      const { status, kind, data } = await ask("admin", "admin_users_list", { limit: 5 });
      assert.deepEqual([status, kind], [0, "users.list"]);
      assert.ok(data.users.some(({ id }: Document) => id === "operator"));
      const missing = await service.cli(
        ..."plugins mcp call admin admin_users_show --json --args".split(" "),
        '{"user":"nobody"}',
      );
      assert.equal(missing.code, 1);
      assert.match(missing.stdout, /not_found/);
    });

    await t.step("nobody but an admin sees or calls it", async () => {
      assert.equal(await status("admin", "admin_users_list", {}, "--role", "user"), 4);
      const tools = await service.cli(..."plugins mcp tools admin --role user".split(" "));
      assert.deepEqual([tools.code, tools.stdout], [4, ""]);
    });

    await t.step("values are values: no flag, no other command, no file", async () => {
      for (const user of ["--help", "--home=/tmp", "; id", "$(id)", "-x", "operator --json"]) {
        assert.equal(await status("admin", "admin_users_show", { user }), 1, user);
      }
      const odd = { limit: "1 --home=/tmp" };
      assert.equal(await status("admin", "admin_users_list", odd), 1);
      assert.equal(await status("admin", "admin_users_list", { home: "/tmp" }), 1, "no such input");
      assert.equal(await status("admin", "infra_logs_verify", { bundle: "/etc/passwd" }), 1);
    });

    await t.step("what changes something is offered only where the file names it", async () => {
      const create = { name: "eve", email: "eve@x.test" };
      assert.equal(await status("admin", "admin_users_create", create), 3, "it is not offered");
      await writeServer(service.home, {
        name: "admin",
        transport: "builtin",
        builtin: "admin",
        pinning: "off",
        tools: { admin_users_create: {} },
      });
      const end = performance.now() + 20_000;
      while (await status("admin", "admin_users_create", create) !== 0) {
        assert.ok(performance.now() < end, "the tool never came");
      }
      const { data } = await ask("admin", "admin_users_search", { text: "eve" });
      assert.match(JSON.stringify(data), /eve@x\.test/);
      const secret = await status("admin", "admin_session_token", {});
      assert.equal(secret, 3, "what prints a token is no tool at all");
    });

    await t.step("the row of a change names who called, and its decision", async () => {
      const boss = ["--name", "boss", "--email", "boss@x.test", "--roles", "admin"];
      assert.equal((await service.cli("admin", "users", "create", ...boss)).code, 0);
      const more = { name: "mal", email: "mal@x.test" };
      assert.equal(await status("admin", "admin_users_create", more, "--user", "boss"), 0);
      const query = `select u.name, r.surface, d.target, d.user_id = r.user_id as same
        from audit r join audit d on d.id::text = r.detail ->> 'call_id'
        join users u on u.id = r.user_id
        join users m on m.id = r.detail -> 'user' ->> 'id'
        where r.target = 'identity:user_created' and m.name = 'mal'`;
      const { stdout } = await service.cli("infra", "db", "query", query, "--json");
      assert.deepEqual(JSON.parse(stdout).data.rows, [
        { name: "boss", surface: "mcp", target: "mcp:admin/admin_users_create", same: true },
      ]);
    });

    await t.step("every call has its row", async () => {
      const list = ["infra", "logs", "tools", "list", "--server", "admin", "--limit", "100"];
      const { calls } = JSON.parse((await service.cli(...list, "--json")).stdout).data;
      const statuses = new Set(calls.map((call: Document) => `${call.tool_name} ${call.status}`));
      assert.ok(statuses.has("admin_users_create ok"));
      assert.ok(statuses.has("admin_users_show error"));
    });
  });
});
