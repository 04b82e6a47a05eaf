/** Egress with exactly its permission list: it starts the configured servers, reaches the configured hosts, no more. */
import assert from "node:assert/strict";
import { findConfiningHost, writeLauncher } from "../../src/confinement/mod.ts";
import { parseConfiguration, readConfigSources } from "../../src/config/mod.ts";
import { computePermissions, toDenoPermissions } from "../../src/isolates/permissions.ts";
import { homeAt } from "../../src/kernel/home.ts";
import type { UpstreamConfig, UpstreamSetup } from "../../src/upstream/mod.ts";
import { isAlive, until } from "../support/processes.ts";
import { type RemoteServer, reply, startRemoteServer } from "../support/remote_server.ts";
import { childServer } from "../support/upstream_world.ts";
import type { EgressWorkerReport } from "./egress_worker.ts";

/** The list of egress for a configuration with a child and a remote server, and how they are started. */
async function prepare(
  folder: string,
  remote: RemoteServer,
): Promise<{ readonly list: Deno.PermissionOptionsObject; readonly setup: UpstreamSetup }> {
  const { command, args } = childServer("child");
  const services = `${folder}/services`;
  await copyServices(services);
  const write = (name: string, text: string) =>
    Deno.writeTextFile(`${services}/mcp/${name}.yaml`, text);
  await write(
    "child",
    `name: child\ntransport: stdio\ncommand: ${command}\nargs: ${JSON.stringify(args)}\n`,
  );
  await write("remote", `name: remote\ntransport: http\nendpoint: ${remote.url}\n`);
  await Deno.writeTextFile(`${folder}/profile.yaml`, "name: test\n");
  const parsed = await parseConfiguration(
    await readConfigSources(`${folder}/profile.yaml`, services),
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  const database = { host: "127.0.0.1", port: 1, database: "x", user: "x" };
  const lists = computePermissions(parsed.value, {
    home: folder,
    services,
    profilePath: `${folder}/profile.yaml`,
    database,
    vault: database,
    logs: database,
    address: "127.0.0.1",
    port: 2,
  });
  const servers = parsed.value.mcp.filter((server): server is typeof server & UpstreamConfig =>
    server.name === "child" || server.name === "remote"
  );
  const children = servers.filter((server) => server.transport === "stdio");
  const launcher = homeAt(folder).launcher;
  const host = await findConfiningHost(Deno.env.toObject());
  const plans = await writeLauncher(launcher, children, host, { base: folder, home: folder });
  return { list: toDenoPermissions(lists.egress), setup: { servers, launcher, plans } };
}

async function copyServices(to: string): Promise<void> {
  const from = new URL("../../services", import.meta.url).pathname;
  const { success } = await new Deno.Command("cp", { args: ["-r", from, to] }).output();
  if (!success) throw new Error("The services cannot be copied");
}

Deno.test("egress starts what is configured and nothing else; its children end with it", async () => {
  const folder = await Deno.makeTempDir({ prefix: "spgov-egress-" });
  const remote = startRemoteServer((request) => reply(request, { tools: [] }));
  const other = startRemoteServer((request) => reply(request, {}));
  const { list, setup } = await prepare(folder, remote);
  const worker = new Worker(new URL("./egress_worker.ts", import.meta.url).href, {
    type: "module",
    deno: { permissions: list },
  });
  try {
    const done = Promise.withResolvers<EgressWorkerReport>();
    worker.onmessage = ({ data }) => done.resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      done.reject(new Error(event.message));
    };
    worker.postMessage({ setup, other: other.url });
    const { family, remote: answer, tries } = await done.promise;
    assert.deepEqual(answer, { tools: [] });
    assert.equal(other.requests.length, 0);
    const {
      "run something else by the launcher": else_,
      "run a server with a shell in its name": shell,
    } = tries;
    assert.deepEqual([else_, shell], ["status 64", "status 64"]);
    const refused = Object.entries(tries).filter(([, outcome]) => !outcome.startsWith("status"));
    assert.equal(refused.length, 9);
    for (const [name, outcome] of refused) {
      assert.ok(["NotCapable", "EPERM", "EACCES"].includes(outcome), `${name}: ${outcome}`);
    }
    // Its isolate fails: nobody closes a line any more.
    const below = await launchersOf(setup.launcher);
    assert.ok(below.length >= 3 && family.length === 3);
    worker.terminate();
    await until(() => !below.some(isAlive));
  } finally {
    worker.terminate();
    await Promise.all([remote.stop(), other.stop()]);
    await Deno.remove(folder, { recursive: true });
  }
});

/** The processes that a launcher runs as, and everything below them. */
async function launchersOf(launcher: string): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (line.includes(launcher)) found.push(Number(name));
  }
  return found;
}
