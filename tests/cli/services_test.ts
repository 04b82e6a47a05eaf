import assert from "node:assert/strict";
import { withDatabase } from "../support/mod.ts";
import { type Result, spgov, withHome } from "./spgov.ts";

interface Place {
  readonly home: string;
  readonly url: string;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Result>;
  // deno-lint-ignore no-explicit-any
  json(...args: string[]): Promise<{ code: number; data: any; stderr: string }>;
}

/** A home on a database of its own; what was started in it is stopped. */
async function withPlace(work: (place: Place) => Promise<void>): Promise<void> {
  await withHome(async (home) => {
    await withDatabase(async ({ url }) => {
      const run: Place["run"] = (args, env = {}) =>
        spgov([...args, "--home", home], {
          env: { DATABASE_URL: url, DENO_NO_UPDATE_CHECK: "1", ...env },
        });
      try {
        await work({
          home,
          url,
          run,
          async json(...args) {
            const { code, stdout, stderr } = await run(["infra", "services", ...args, "--json"]);
            assert.notEqual(stdout, "", stderr);
            const { data, error } = JSON.parse(stdout);
            return { code, data: data ?? error, stderr };
          },
        });
      } finally {
        await run(["stop"]);
      }
    });
  });
}

async function readPid(home: string): Promise<number> {
  return JSON.parse(await Deno.readTextFile(`${home}/service.json`)).pid;
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

Deno.test("infra services: status, restart and permissions of a running appliance", async () => {
  await withPlace(async ({ home, run, json }) => {
    const before = await json("status");
    assert.equal(before.code, 6);
    assert.equal(before.data.summary.running, 0);
    assert.equal(await isThere(`${home}/services`), false, "looking makes nothing");
    assert.equal((await json("permissions")).code, 3, "there is no profile yet");

    const profile = `${home}/profiles/local/profile.yaml`;
    await Deno.mkdir(`${home}/profiles/local`, { recursive: true });
    await Deno.writeTextFile(
      profile,
      `name: local\nserver: { gateways: 2, port: 1 }\negress: { hosts: ["api.example.test:443"] }\n`,
    );
    const start = ["infra", "services", "start", "--detach", "--port", "0", "--json"];
    const started = await run(start);
    assert.equal(started.code, 0, started.stderr);
    const { port, pid } = JSON.parse(started.stdout).data;

    const { code, data } = await json("status", "--detailed");
    assert.equal(code, 0);
    const names = data.services.map(({ name }: { name: string }) => name);
    assert.deepEqual(names, [
      "supervisor",
      "jobs",
      "egress",
      "gateway-0",
      "gateway-1",
      "postgresql",
    ]);
    assert.deepEqual(data.summary, { total: 6, running: 6, stopped: 0 });
    assert.deepEqual(
      data.gateways.map(({ isolate }: { isolate: string }) => isolate),
      ["gateway-0", "gateway-1"],
      "each gateway tells its own counters",
    );
    assert.equal(data.gateways[0].values.audit_ready, 1);
    const applications = data.connections.map(
      ({ application }: { application: string }) => application,
    );
    assert.ok(applications.includes("spgov gateway-1 audit"), applications.join());
    assert.ok(data.resident_bytes > 1e7);

    const lists = await json("permissions");
    assert.equal(lists.code, 0, lists.stderr);
    const { gateway, egress, jobs } = lists.data.isolates;
    assert.ok(gateway.net.includes(`127.0.0.1:${port}`), "the port that it really has");
    assert.deepEqual([gateway.env, gateway.run, gateway.ffi, gateway.sys], [[], [], [], []]);
    assert.ok(egress.net.includes("api.example.test:443"));
    assert.ok(!jobs.net.includes("api.example.test:443"));
    assert.ok(egress.read.includes(`${home}/keys/master.key`));
    assert.ok(
      !egress.read.includes(`${home}/keys`),
      "the passwords beside it are not its business",
    );
    const table = await run(["infra", "services", "permissions"]);
    assert.match(table.stdout, /^gateway +env +nothing$/m);

    const other = await run(["infra", "services", "restart"], { DATABASE_URL: "" });
    assert.equal(other.code, 1, "without its DATABASE_URL it would come up on another database");
    assert.equal(await readPid(home), pid, "and keeps running");
    const restarted = await run(["infra", "services", "restart", "--json"]);
    assert.equal(restarted.code, 0, restarted.stderr);
    const again = JSON.parse(restarted.stdout).data;
    assert.equal(again.port, port, "the port it was started with, though the profile says another");
    assert.notEqual(again.pid, pid);
    const stopped = await run(["infra", "services", "stop"]);
    assert.equal(stopped.code, 0, stopped.stderr);
    assert.equal((await json("status")).code, 6);
  });
});

Deno.test("cleanup removes what a killed service left and touches nothing that lives", async () => {
  await withPlace(async ({ home, run, json }) => {
    const started = await run(["start", "--detach", "--port", "0"]);
    assert.equal(started.code, 0, started.stderr);
    const record = `${home}/service.json`;
    assert.deepEqual((await json("cleanup", "--yes")).data.items, [], "it runs");
    assert.ok(await isThere(record));

    Deno.kill(await readPid(home), "SIGKILL");
    const old = new Date(Date.now() - 7_200_000);
    for (const name of ["service.json.4242", "instance.0b0e7a52-0000-4000-8000-000000000000"]) {
      await Deno.writeTextFile(`${home}/${name}`, "draft");
      await Deno.utime(`${home}/${name}`, old, old);
    }
    await Deno.writeTextFile(`${home}/service.json.4343`, "being written now");
    const dry = await json("cleanup", "--dry-run");
    const kinds = dry.data.items.map(({ kind }: { kind: string }) => kind).sort();
    assert.deepEqual(kinds, ["draft", "draft", "record"]);
    assert.ok(await isThere(record), "a dry run removes nothing");
    assert.equal((await json("cleanup")).code, 2, "nobody is there to ask");
    assert.ok(await isThere(record));
    const done = await json("cleanup", "--yes");
    assert.equal(done.data.removed, 3);
    assert.ok(!await isThere(record));
    assert.ok(await isThere(`${home}/service.json.4343`));
    assert.ok(await isThere(`${home}/instance`));
    assert.ok(await isThere(`${home}/keys/master.key`), "keys are nobody's leftovers");
    assert.equal((await run(["start", "--detach", "--port", "0"])).code, 0);
  });
});

Deno.test("cleanup takes other versions out of the cache, but none that something runs from", async () => {
  await withHome(async (home) => {
    const cache = `${home}/cache`;
    const program = `${cache}/postgres-16.1.0-linux-x64/bin/postgres`;
    for (const name of ["postgres-16.1.0-linux-x64/bin", "postgres-17.0.0-linux-x64", "photos"]) {
      await Deno.mkdir(`${cache}/${name}`, { recursive: true });
    }
    await Deno.copyFile(Deno.execPath(), program);
    const running = new Deno.Command(program, {
      args: ["eval", "setTimeout(() => {}, 60_000)"],
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      const run = async (): Promise<string[]> => {
        const args = ["infra", "services", "cleanup", "--yes", "--json", "--home", `${home}/none`];
        const { code, stdout, stderr } = await spgov(args, { env: { SPGOV_CACHE: cache } });
        assert.equal(code, 0, stderr);
        return JSON.parse(stdout).data.items.map(({ path }: { path: string }) => path);
      };
      assert.deepEqual(await run(), [`${cache}/postgres-17.0.0-linux-x64`]);
      assert.ok(await isThere(program), "it is in use");
      running.kill("SIGKILL");
      await running.status;
      assert.deepEqual(await run(), [`${cache}/postgres-16.1.0-linux-x64`]);
      assert.ok(await isThere(`${cache}/photos`), "not ours");
      assert.ok(!await isThere(`${home}/none`), "looking makes no home");
    } finally {
      try {
        running.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
      await running.status;
    }
  });
});

Deno.test("start on a port that something else has says so, and starts nothing", async () => {
  await withPlace(async ({ home, run }) => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    for (const detach of [["--detach"], []]) {
      const { code, stdout, stderr } = await run(["start", ...detach, "--port", `${port}`]);
      assert.equal(code, 1, stderr);
      assert.equal(stdout, "");
      assert.match(
        stderr,
        new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${port}: the port is in use`),
      );
      assert.match(stderr, /--port/);
    }
    assert.equal(await isThere(`${home}/service.json`), false);
  });
});

Deno.test("two appliances side by side: the second needs a port of its own, and then both answer", async () => {
  await withPlace(async (first) => {
    await withPlace(async (second) => {
      const start = ["start", "--detach", "--json", "--port"];
      const one = JSON.parse((await first.run([...start, "0"])).stdout).data;
      const taken = await second.run([...start, `${one.port}`]);
      assert.equal(taken.code, 1);
      assert.match(JSON.parse(taken.stdout).error.message, /the port is in use/);
      const other = JSON.parse((await second.run([...start, "0"])).stdout).data;
      assert.notEqual(other.port, one.port);
      for (const { url } of [one, other]) {
        const response = await fetch(`${url}/readyz`);
        assert.equal(response.status, 200, url);
        await response.body?.cancel();
      }
    });
  });
});
