/** Children of a whole service: whatever becomes of it, none is left; what changes on disk reaches them. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { openMcp } from "../support/mcp_client.ts";
import { isAlive, until } from "../support/processes.ts";
import { reply, startRemoteServer } from "../support/remote_server.ts";
import { startService, type TestService } from "../support/service.ts";

const CHILD = fileURLToPath(new URL("../support/upstream_child.ts", import.meta.url));

function childFile(name: string, more = ""): string {
  const args = ["run", "--quiet", "--no-prompt", "-A", "--no-config", "--no-lock", CHILD];
  return `name: ${name}\ntransport: stdio\ncommand: ${Deno.execPath()}\n` +
    `args: ${JSON.stringify(args)}\n${more}`;
}

async function writeServer(home: string, name: string, text: string): Promise<void> {
  await Deno.writeTextFile(`${home}/services/mcp/${name}.yaml`, text);
}

async function withService(work: (service: TestService) => Promise<void>): Promise<void> {
  const service = await startService({
    prepare: (home) => writeServer(home, "child", childFile("child")),
  });
  try {
    await work(service);
  } finally {
    await service.stop();
  }
}

/** The pids that the status verb tells of, and everything below them. */
async function familyOf(service: TestService, server: string): Promise<number[]> {
  const { stdout } = await service.cli("plugins", "mcp", "status", "--json");
  const { data } = JSON.parse(stdout);
  const rows: { server: string; pids: number[] }[] = data.servers ?? data;
  return await listBelow(rows.find((row) => row.server === server)?.pids ?? []);
}

async function listBelow(pids: readonly number[]): Promise<number[]> {
  const below = await Promise.all(pids.map(async (pid) => {
    const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
    return await listBelow(children.trim().split(" ").filter((text) => text !== "").map(Number));
  }));
  return [...pids, ...below.flat()];
}

Deno.test("kill -9 of the service leaves no child, nor what children have started", async () => {
  await withService(async (service) => {
    const client = await openMcp(service, "child");
    assert.equal((await client.call("fork")).length, 3);
    const family = await familyOf(service, "child");
    assert.ok(family.length >= 6, `${family}`);
    assert.ok(family.every(isAlive));
    service.kill("SIGKILL");
    await until(() => !family.some(isAlive));
  });
});

Deno.test("a service that is stopped ends its children", async () => {
  const family: number[] = [];
  await withService(async (service) => {
    await (await openMcp(service, "child")).call("fork");
    family.push(...await familyOf(service, "child"));
    assert.ok(family.length >= 6);
  });
  assert.deepEqual(family.filter(isAlive), []);
});

Deno.test("servers that change on disk: another child, a remote host that egress may reach from then on", async () => {
  const remote = startRemoteServer((request) => {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    if (request.body.id === undefined) return new Response(null, { status: 202 });
    if (request.body.method === "initialize") {
      return reply(request, {
        protocolVersion: request.body.params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "remote", version: "1" },
      });
    }
    if (request.body.method === "tools/list") {
      return reply(request, { tools: [{ name: "hello", inputSchema: { type: "object" } }] });
    }
    return reply(request, { content: [{ type: "text", text: '"from afar"' }] });
  });
  try {
    await withService(async (service) => {
      const before = await openMcp(service, "child");
      assert.equal((await before.call("environment")).ADDED, undefined);
      await writeServer(service.home, "child", childFile("child", "environment: { ADDED: yes }\n"));
      // A call that meets the change is told so, and is not sent again by itself.
      await until(async () => {
        const environment = await before.call("environment").catch(() => undefined);
        return environment?.ADDED === "yes";
      });

      const text = `name: remote\ntransport: http\nendpoint: ${remote.url}\n`;
      await writeServer(service.home, "remote", text);
      await until(async () => {
        const client = await openMcp(service, "remote").catch(() => undefined);
        return await client?.call("hello").catch(() => undefined) === "from afar";
      });
      const { stdout } = await service.cli("infra", "services", "permissions", "--json");
      assert.ok(JSON.parse(stdout).data.isolates.egress.net.includes(new URL(remote.url).host));
      // Nothing that was there is lost: the other server answers, rows are sealed.
      assert.deepEqual(await (await openMcp(service, "child")).call("echo", { a: 1 }), { a: 1 });
      assert.equal((await service.cli("infra", "logs", "verify")).code, 0);
    });
  } finally {
    await remote.stop();
  }
});
