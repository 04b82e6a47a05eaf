/** How children start, fail, are waited for and end. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { Clock } from "../../src/kernel/clock.ts";
import { childServer, type TestLine, withUpstreams } from "../support/upstream_world.ts";
import { isAlive, until } from "../support/processes.ts";

Deno.test("a command that is not there is no failure of the service", async () => {
  const servers = [childServer("gone", { command: "no-such-command" }), childServer("good")];
  await withUpstreams({ servers }, async ({ upstreams, open }) => {
    await assert.rejects(open("gone"), {
      code: "invalid",
      message: /"no-such-command".*not to be found/,
    });
    await assert.rejects(open("unknown"), { code: "not_found" });
    assert.equal(upstreams.status()[0]?.state, "unstartable");
    assert.deepEqual(await (await open("good")).ask("echo", 1), 1);
  });
});

Deno.test("what fails at its start is tried again ever later, until it is restarted by hand", async () => {
  const failing = childServer("a", { command: "sh", args: ["-c", "echo why >&2; exit 7"] });
  await withUpstreams({ servers: [failing] }, async ({ upstreams, open }) => {
    const line = await open("a");
    assert.deepEqual(await line.closed, {
      kind: "closed",
      code: "exited",
      reason: "ended with status 7",
    });
    await assert.rejects(open("a"), {
      code: "unavailable",
      message: /for 1 s: it ended with status 7/,
    });
    const [status] = upstreams.status();
    assert.equal(status?.state, "waiting");
    assert.ok((status?.retryAt ?? 0) > Date.now());
    await until(() => upstreams.logs("a").some(({ text }) => text === "why"));

    assert.equal(upstreams.restart("a"), 0);
    await (await open("a")).closed;
    assert.equal(upstreams.status()[0]?.failures, 2);
    await assert.rejects(open("a"), { code: "unavailable" });
  });
});

Deno.test("what failed is started again once its time has come, and forgotten once it works", async () => {
  const folder = await Deno.makeTempDir();
  // The child may be another user.
  await Deno.chmod(folder, 0o755);
  const flag = `${folder}/works`;
  const script =
    `[ -e "$0" ] || exit 1; read -r line; echo '{"jsonrpc":"2.0","id":1,"result":1}'; cat >/dev/null`;
  const server = childServer("a", {
    command: "sh",
    args: ["-c", script, flag],
    readable: [folder],
  });
  await withUpstreams({ servers: [server] }, async ({ upstreams, open }) => {
    await (await open("a")).closed;
    await Deno.writeTextFile(flag, "");
    await until(() => open("a").then((line) => line.ask("x")).then(() => true, () => false));
    assert.equal(upstreams.status()[0]?.retryAt, undefined);
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("so many failed starts in a row as a server may have cost no wait", async () => {
  const failing = childServer("a", { command: "sh", args: ["-c", "exit 7"], max_restarts: 2 });
  await withUpstreams({ servers: [failing] }, async ({ open }) => {
    for (let start = 0; start < 3; start++) await (await open("a")).closed;
    await assert.rejects(open("a"), { code: "unavailable" });
  });
});

/** A clock that a test puts forward. */
function steppingClock(): Clock & { ahead: number } {
  return {
    ahead: 0,
    now() {
      return Date.now() + this.ahead;
    },
    monotonic() {
      return performance.now() + this.ahead;
    },
  };
}

/** Puts the clock forward, also after what was sent has arrived, until the line ends. */
async function putForward(clock: { ahead: number }, line: TestLine): TestLine["closed"] {
  let isClosed = false;
  void line.closed.then(() => isClosed = true);
  await until(() => {
    clock.ahead += 31_000;
    return isClosed;
  });
  return await line.closed;
}

Deno.test("a child that never answers is ended", async () => {
  const clock = steppingClock();
  const server = childServer("a", { command: "sh", args: ["-c", "exec sleep 1000"] });
  await withUpstreams({ servers: [server], clock }, async ({ upstreams, open }) => {
    const line = await open("a");
    line.tell("initialize");
    const closed = await putForward(clock, line);
    assert.equal(closed.code, "failed");
    assert.match(closed.reason, /within 30 s of its start/);
    assert.equal(upstreams.status()[0]?.failures, 1);
  });
});

Deno.test("a child that hangs in a call that was given up is ended when others wait for it", async () => {
  const clock = steppingClock();
  await withUpstreams({ servers: [childServer("a")], clock }, async ({ open }) => {
    const line = await open("a");
    await line.ask("echo");
    line.tell("stuck");
    line.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 2 } });
    line.tell("echo");
    const closed = await putForward(clock, line);
    assert.equal(closed.code, "failed");
    assert.match(closed.reason, /hangs/);
    assert.deepEqual(await (await open("a")).ask("echo", 1), 1);
  });
});

Deno.test("closing a line ends the child and all that it has started", async () => {
  await withUpstreams({ servers: [childServer("a")] }, async ({ upstreams, open }) => {
    const line = await open("a");
    await line.ask("fork");
    const [pid = 0] = upstreams.status()[0]?.pids ?? [];
    const family = await listFamily(pid);
    assert.ok(family.length >= 5, `${family}`);
    line.close();
    await until(() => family.every((pid) => !isAlive(pid)));
    // Collected, too: the processes that we started ourselves are no zombies.
    await until(() => !existsSync(`/proc/${pid}`));
    assert.equal(upstreams.status()[0]?.failures, 0, "that is no failure");
  });
});

Deno.test("a child that ignores the end of its input is ended", async () => {
  const server = childServer("a", { childArgs: ["stay"] });
  await withUpstreams({ servers: [server] }, async ({ upstreams, open }) => {
    const line = await open("a");
    await line.ask("echo");
    const [pid = 0] = upstreams.status()[0]?.pids ?? [];
    line.close();
    await until(() => !isAlive(pid));
  });
});

Deno.test("lines that lie idle are ended, those with an open request are not", async () => {
  const server = childServer("a", { idle_ms: 1000 });
  await withUpstreams({ servers: [server] }, async ({ open }) => {
    const [idle, busy] = [await open("a"), await open("a")];
    await Promise.all([idle.ask("echo"), busy.ask("echo")]);
    busy.tell("hang");
    const closed = await idle.closed;
    assert.equal(closed.code, "drained");
    assert.match(closed.reason, /idle for 1 s/);
    assert.deepEqual(await busy.ask("echo", 1), 1);
  });
});

Deno.test("a change of its configuration drains a server's lines, and no other's", async () => {
  const servers = [childServer("changes"), childServer("goes"), childServer("stays")];
  await withUpstreams({ servers }, async ({ upstreams, configure, open }) => {
    const [changes, goes, stays] = await Promise.all(servers.map(({ name }) => open(name)));
    assert.ok(changes && goes && stays);
    await Promise.all([changes, goes, stays].map((line) => line.ask("echo")));
    const changed = childServer("changes", { environment: { NEW: "1" } });
    await configure([changed, childServer("stays"), childServer("comes")]);
    assert.equal((await changes.closed).code, "drained");
    assert.match((await goes.closed).reason, /configured no more/);
    assert.deepEqual(await stays.ask("echo", 1), 1);
    await assert.rejects(open("goes"), { code: "not_found" });
    const environment = await (await open("changes")).ask("environment");
    assert.equal(environment.NEW, "1");
    assert.deepEqual(upstreams.status().map(({ server }) => server).sort(), [
      "changes",
      "comes",
      "stays",
    ]);
  });
});

Deno.test("what is under way when a server changes is answered first", async () => {
  const reply = (id: number): string => `echo '{"jsonrpc":"2.0","id":${id},"result":${id}}'`;
  const slow = `read -r x; ${reply(1)}; read -r x; sleep 1; ${reply(2)}; cat >/dev/null`;
  const server = childServer("a", { command: "sh", args: ["-c", slow] });
  await withUpstreams({ servers: [server] }, async ({ configure, open }) => {
    const line = await open("a");
    assert.equal(await line.ask("x"), 1);
    const answer = line.ask("x");
    await configure([]);
    assert.equal(await answer, 2);
    assert.equal((await line.closed).code, "drained");
  });
});

Deno.test("a restart by the operator ends all lines; a gateway that is replaced loses only its own", async () => {
  await withUpstreams({ servers: [childServer("a")] }, async ({ upstreams, open }) => {
    const [first, second] = [
      await open("a", { owner: "gateway-0" }),
      await open("a", { owner: "gateway-1" }),
    ];
    await Promise.all([first.ask("echo"), second.ask("echo")]);
    const pids = upstreams.status()[0]?.pids ?? [];
    upstreams.release("gateway-0");
    await until(() => upstreams.status()[0]?.lines === 1);
    first.close();
    assert.deepEqual(await second.ask("echo", 1), 1);
    assert.equal(upstreams.restart("a"), 1);
    assert.equal((await second.closed).code, "drained");
    await until(() => pids.every((pid) => !isAlive(pid)));
  });
});

/** A process and everything below it. */
async function listFamily(pid: number): Promise<number[]> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
  const pids = children.trim().split(" ").filter((text) => text !== "").map(Number);
  return [pid, ...(await Promise.all(pids.map(listFamily))).flat()];
}
