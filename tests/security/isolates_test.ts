/**
 * What an isolate may do is what its computed list says and nothing else. Code that tries to get further runs
 * in workers with the lists that `computePermissions` makes of a parsed configuration; the same code without
 * any list shows that each try would succeed.
 */
import assert from "node:assert/strict";
import { parseConfiguration, readConfigSources } from "../../src/config/mod.ts";
import { computePermissions, toDenoPermissions } from "../../src/isolates/permissions.ts";
import { assetPath } from "../../src/kernel/assets.ts";
import { selfCommand } from "../../src/kernel/self.ts";
import { spgov, withHome } from "../cli/spgov.ts";
import { withDatabase } from "../support/mod.ts";
import type { Outcome, Probe, ProbeTargets } from "./isolate_probe.ts";

type Lists = ReturnType<typeof computePermissions>;

const VARIABLE = "SPGOV_PROBE_SECRET";
const SECRET = "canary-value-7319";

/** A real configuration whose egress may reach `hosts`, and its lists. */
async function listsFor(
  folder: string,
  hosts: readonly string[],
  databasePort = 1,
): Promise<Lists> {
  const profilePath = `${folder}/profile.yaml`;
  const egress = JSON.stringify({ hosts });
  await Deno.writeTextFile(profilePath, `name: probe\negress: ${egress}\n`);
  const services = assetPath("services");
  const parsed = await parseConfiguration(await readConfigSources(profilePath, services));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  const database = { host: "127.0.0.1", port: databasePort, database: "x", user: "x" };
  return computePermissions(parsed.value, {
    home: `${folder}/home`,
    services,
    profilePath,
    database,
    vault: database,
    logs: database,
    address: "127.0.0.1",
    port: 2,
  });
}

async function run(
  permissions: Deno.PermissionOptions,
  probe: Probe,
): Promise<ReadonlyMap<string, Outcome>> {
  const url = new URL("./isolate_probe.ts", import.meta.url).href;
  const worker = new Worker(url, { type: "module", deno: { permissions } });
  const { promise, resolve, reject } = Promise.withResolvers<readonly Outcome[]>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(event.message));
  };
  worker.postMessage(probe);
  try {
    return new Map((await promise).map((outcome) => [outcome.name, outcome]));
  } finally {
    worker.terminate();
  }
}

/** Somebody who counts who comes, and answers as HTTP. */
function startCanary(
  hostname: string,
  port = 0,
): { port: number; calls: string[]; stop(): Promise<void> } {
  const calls: string[] = [];
  const server = Deno.serve({ hostname, port, onListen: () => {} }, (request) => {
    calls.push(request.url);
    const { pathname, searchParams } = new URL(request.url);
    const to = searchParams.get("to");
    if (to !== null) return Response.redirect(to);
    if (!pathname.endsWith(".js")) return new Response("reached");
    return new Response("export const reached = 1;", {
      headers: { "content-type": "text/javascript" },
    });
  });
  return { port: server.addr.port, calls, stop: () => server.shutdown() };
}

interface World {
  readonly folder: string;
  readonly targets: ProbeTargets;
  readonly calls: readonly string[];
}

async function withWorld(work: (world: World) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "spgov-probe-" });
  const canary = startCanary("0.0.0.0");
  const path = `${folder}/some.sock`;
  const socket = Deno.listen({ transport: "unix", path });
  await Deno.writeTextFile(`${folder}/secret`, SECRET);
  await Deno.writeTextFile(`${folder}/victim`, "still here");
  await Deno.writeTextFile(`${folder}/module.js`, `export const secret = "${SECRET}";`);
  Deno.env.set(VARIABLE, SECRET);
  try {
    await work({
      folder,
      calls: canary.calls,
      targets: {
        canary: canary.port,
        folder,
        secretFile: `${folder}/secret`,
        socket: path,
        variable: VARIABLE,
        pid: Deno.ppid,
        remoteImport: true,
      },
    });
  } finally {
    Deno.env.delete(VARIABLE);
    Deno.env.delete("SPGOV_PROBE_SET");
    socket.close();
    await canary.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

/** What `node:` modules call the runtime's `NotCapable`. */
const REFUSED: ReadonlySet<string> = new Set(["NotCapable", "EPERM"]);

function assertRefused(outcomes: ReadonlyMap<string, Outcome>, isolate: string): void {
  assert.ok(outcomes.size > 40, "the probe did not run");
  const wrong = [...outcomes.values()].filter(({ outcome, text }) =>
    text.includes(SECRET) || !(REFUSED.has(outcome) || /Requires \w+ access/.test(text))
  );
  assert.deepEqual(wrong, [], isolate);
}

Deno.test("without a list every try of the probe succeeds", async () => {
  await withWorld(async ({ targets, calls }) => {
    // Names that no server knows are asked for, over TCP and UDP that nobody speaks: being let out is enough.
    const unanswered = new Set(["dns: Deno.resolveDns", "net: fetch by proxy"]);
    const outcomes = await run("inherit", { targets: { ...targets, remoteImport: false } });
    for (const { name, outcome, text } of outcomes.values()) {
      const got = unanswered.has(name) ? !REFUSED.has(outcome) : outcome === "done";
      assert.ok(got, `${name}: ${outcome} ${text}`);
    }
    assert.ok(calls.length >= 3, "the canary was called");
    assert.equal(outcomes.get("env: Deno.env.get")?.text, SECRET);
    assert.equal(outcomes.get("read: Deno.readTextFile")?.text, SECRET);
  });
});

Deno.test("gateway, jobs and egress reach nothing beyond their lists", async () => {
  for (const isolate of ["gateway", "jobs", "egress"] as const) {
    await withWorld(async ({ folder, targets, calls }) => {
      const lists = await listsFor(folder, ["api.example.test:443"]);
      assertRefused(await run(toDenoPermissions(lists[isolate]), { targets }), isolate);
      assert.deepEqual(calls, [], `${isolate} reached the canary`);
      assert.equal(await Deno.readTextFile(`${folder}/victim`), "still here");
      const left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
      assert.deepEqual(left, ["module.js", "profile.yaml", "secret", "some.sock", "victim"]);
      assert.equal(Deno.env.get("SPGOV_PROBE_SET"), undefined);
    });
  }
});

Deno.test("the configuration isolate reads its files and can do nothing else", async () => {
  await withWorld(async ({ folder, targets, calls }) => {
    const lists = await listsFor(folder, []);
    const list = toDenoPermissions(lists.configuration);
    assertRefused(await run(list, { targets }), "configuration");
    assert.deepEqual(calls, []);
    assert.equal(list.net, false);
    assert.deepEqual(list.read, [assetPath("services"), `${folder}/profile.yaml`]);
  });
});

Deno.test("no list names ffi, sys or import; only egress may run something and read keys", async () => {
  await withWorld(async ({ folder }) => {
    const lists = await listsFor(folder, ["api.example.test"]);
    for (const [name, list] of Object.entries(lists)) {
      const { run, ffi, sys, import: imports } = toDenoPermissions(list);
      assert.deepEqual([ffi, sys, imports], [false, false, false], name);
      // One program, which it may not write: it starts what is configured and nothing else.
      const launcher = `${folder}/home/launch-mcp`;
      assert.deepEqual(run, name === "egress" ? [launcher] : false, name);
      assert.ok(!list.write.some((path) => launcher.startsWith(path)), name);
      const keys = list.read.filter((path) => path.startsWith(`${folder}/home/keys`));
      // The file alone: beside it stand the passwords of the database's other logins.
      assert.deepEqual(keys, name === "egress" ? [`${folder}/home/keys/master.key`] : [], name);
      assert.ok(!list.write.some((path) => path.startsWith(`${folder}/home/keys`)), name);
      assert.ok(!list.read.includes(`${folder}/home`), `${name} may read the whole home`);
    }
  });
});

Deno.test("a list that is empty grants nothing, not everything", () => {
  const none = toDenoPermissions({ net: [], read: [], write: [], env: [], run: [] });
  assert.deepEqual(Object.values(none), Array(8).fill(false));
});

Deno.test("egress reaches the configured hosts and no other", async () => {
  const folder = await Deno.makeTempDir({ prefix: "spgov-probe-" });
  const allowed = startCanary("127.0.0.1");
  const samePort = startCanary("127.0.0.2", allowed.port);
  const sameHost = startCanary("127.0.0.1");
  try {
    const { egress, gateway } = await listsFor(folder, [`127.0.0.1:${allowed.port}`]);
    const good = `http://127.0.0.1:${allowed.port}/`;
    const bad = [
      `http://127.0.0.2:${allowed.port}/`,
      `http://127.0.0.1:${sameHost.port}/`,
      `http://localhost:${sameHost.port}/`,
    ];
    const outcomes = await run(toDenoPermissions(egress), { urls: [good, ...bad] });
    for (const { name, outcome, text } of outcomes.values()) {
      const wanted = name.endsWith(` ${good}`) ? outcome === "done" : REFUSED.has(outcome);
      assert.ok(wanted, `${name}: ${outcome} ${text}`);
    }
    assert.ok(allowed.calls.length >= 2, "the configured host was not reached");

    const redirect = `${good}?to=${encodeURIComponent(bad[0] ?? "")}`;
    const followed = await run(toDenoPermissions(egress), { urls: [redirect] });
    assert.notEqual(followed.get(`fetch ${redirect}`)?.outcome, "done", "a redirect led further");

    const other = await run(toDenoPermissions(gateway), { urls: [good] });
    for (const { outcome } of other.values()) assert.ok(REFUSED.has(outcome), outcome);
    assert.deepEqual([...samePort.calls, ...sameHost.calls], []);
  } finally {
    await Promise.all([allowed.stop(), samePort.stop(), sameHost.stop()]);
    await Deno.remove(folder, { recursive: true });
  }
});

const PROXIES = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
];

Deno.test("proxies in the environment are dropped: the service, its calls and its tokens pass them by", async () => {
  const canary = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = canary.addr as Deno.NetAddr;
  let reached = 0;
  const counting = (async () => {
    for await (const connection of canary) {
      reached++;
      connection.close();
    }
  })();
  const proxies = PROXIES.map((name) => [name, `http://127.0.0.1:${port}`]);
  await withHome(async (home) => {
    await withDatabase(async ({ url }) => {
      const env = {
        ...Object.fromEntries(proxies),
        // Not ours: the runtime that a checkout is run with looks for its own updates.
        DENO_NO_UPDATE_CHECK: "1",
        OTEL_DENO: "true",
        NODE_EXTRA_CA_CERTS: "/nowhere",
        DATABASE_URL: url,
      };
      const run = (...args: string[]) => spgov([...args, "--json", "--home", home], { env });
      try {
        const started = await run("start", "--detach", "--port", "0");
        assert.equal(started.code, 0, started.stderr);
        const { pid } = JSON.parse(started.stdout).data;
        const environment = await Deno.readTextFile(`/proc/${pid}/environ`);
        const names = environment.split("\0").map((text) => text.split("=")[0] ?? "");
        assert.ok(names.includes("DATABASE_URL"), "that is the service's environment");
        assert.deepEqual(
          names.filter((name) => /^(https?|all|no|ftp)_proxy$|^OTEL_|^NODE_/i.test(name)),
          [],
        );
        const fired = await run(
          "core",
          "hooks",
          "fire",
          "PreToolUse",
          "--input",
          '{"command":"ls"}',
        );
        assert.equal(fired.code, 0, fired.stderr);
        assert.equal(JSON.parse(fired.stdout).data.policy, "default_allow");
        assert.equal((await run("status")).code, 0);
        assert.equal((await run("infra", "services", "status", "--detailed")).code, 0);
      } finally {
        await run("stop");
      }
    });
  });
  canary.close();
  await counting;
  assert.equal(reached, 0, "somebody asked the proxy");
});

Deno.test("every way to start from source refuses without asking on the terminal", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(assetPath("deno.json")));
  const starting = Object.values<string>(tasks).filter((task) => task.includes(" main.ts"));
  assert.ok(starting.length >= 4);
  for (const task of starting) assert.match(task, /deno run -A --no-prompt .*main\.ts/);
  assert.ok(selfCommand().args.includes("--no-prompt"));
});
