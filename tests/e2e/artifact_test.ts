/**
 * The executable on a host without Deno, Node and PostgreSQL, in an empty folder, with an empty environment
 * and, where the host allows it, in a network without any route.
 */
import assert from "node:assert/strict";
import { type Appliance, openAppliance } from "./appliance.ts";
import { createHost, findArtifact, type Host, listProcesses, NOBODY } from "./artifact.ts";
import { createNetwork, type Network } from "./network.ts";

const artifact = await findArtifact();
const isRoot = Deno.uid() === 0;

/** Runs `work` on a fresh host, on which nothing may run afterwards. */
async function onHost(
  t: Deno.TestContext,
  work: (host: Host, network: Network | undefined) => Promise<void>,
): Promise<void> {
  if ("reason" in artifact) {
    await t.step({ name: `skipped: ${artifact.reason}`, ignore: true, fn: () => {} });
    return;
  }
  const network = await createNetwork();
  if (network === undefined) {
    await t.step({ name: "no network namespace here: with network", ignore: true, fn: () => {} });
  }
  const host = await createHost(artifact.path);
  try {
    await work(host, network);
    assert.deepEqual(await listProcesses(host.folder), [], "left running");
  } finally {
    await host.remove();
    await network?.close();
  }
}

function appliance(
  host: Host,
  network: Network | undefined,
  options: { readonly uid?: number; readonly home?: string } = {},
): Appliance {
  const env = { SPGOV_CACHE: `${host.folder}/cache`, SPGOV_BALLAST_MB: "1" };
  const { uid, ...rest } = options;
  return network === undefined
    ? openAppliance(host, { ...options, env })
    : openAppliance(host, { ...rest, env, prefix: network.enter(uid) });
}

let nextPort = 20_000 + Math.floor(Math.random() * 20_000);

/** Comes back when the process has ended; whether its parent has noticed is no matter of ours. */
async function kill(pid: number): Promise<void> {
  Deno.kill(pid, "SIGKILL");
  for (;;) {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
    if (stat === "" || stat.slice(stat.lastIndexOf(")")).startsWith(") Z")) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Servers behind the gateway are this one file, too: a confined child, a part of the gateway, our own verbs. */
async function callTools(subject: Appliance): Promise<void> {
  const call = async (server: string, tool: string, args: object, status = 0) => {
    const words = ["plugins", "mcp", "call", server, tool, "--args", JSON.stringify(args)];
    return (await subject.spgov(words, status)).stdout;
  };
  assert.match(await call("demo-files", "read_file", { path: "README.md" }), /three products/);
  assert.match(await call("demo-files", "delete_file", { path: "README.md" }, 4), /Denied/);
  assert.match(await call("self", "my_recent_denials", {}), /demo-files\/delete_file/);
  assert.match(await call("admin", "admin_users_list", {}), /operator/);
}

async function tour(subject: Appliance): Promise<void> {
  const port = nextPort++;
  const { stdout: version } = await subject.spgov(["--version"]);
  assert.match(version, /^spgov \d+\.\d+\.\d+ \((portable|compiled), deno \d/);
  const { stdout: help } = await subject.spgov(["--help"]);
  assert.match(help, /start\s+Start the appliance/);

  await subject.start(port);
  const first = await subject.leak();
  await subject.audit(first);
  await subject.spgov(["infra", "logs", "audit", crypto.randomUUID()], 3);
  await callTools(subject);
  const again = await subject.spgov(["start", "--detach", "--port", `${port}`], 1);
  assert.match(again.stderr, /runs already/);
  await subject.stop();

  await subject.start(port);
  await subject.audit(first);
  assert.notEqual(await subject.leak(), first);
  await subject.spgov(["infra", "logs", "verify"]);
  await subject.stop();
}

Deno.test("an empty folder, no network: start, a denied leak, its row, stop, and again", async (t) => {
  await onHost(t, (host, network) => tour(appliance(host, network)));
});

Deno.test({
  name: "the same as a user who is not root",
  // Only root can become somebody else; anybody else has just done it.
  ignore: !isRoot,
  fn: (t) => onHost(t, (host, network) => tour(appliance(host, network, { uid: NOBODY }))),
});

Deno.test("two homes at once do not touch each other", async (t) => {
  await onHost(t, async (host, network) => {
    const one = appliance(host, network, { home: "one" });
    const two = appliance(host, network, { home: "two" });
    await Promise.all([one.start(nextPort++), two.start(nextPort++)]);
    const [first, second] = await Promise.all([one.leak(), two.leak()]);
    await Promise.all([one.audit(first), two.audit(second)]);
    await one.spgov(["infra", "logs", "audit", second], 3);
    await one.stop();
    await two.audit(await two.leak());
    await two.stop();
  });
});

Deno.test("after kill -9 it starts again and has what it promised", async (t) => {
  await onHost(t, async (host, network) => {
    const subject = appliance(host, network);
    await subject.start(nextPort);
    const decision = await subject.leak();
    await kill(await subject.pid());
    await subject.spgov(["status"], 6);
    await subject.start(nextPort++);
    await subject.audit(decision);
    await subject.audit(await subject.leak());
    await subject.stop();
  });
});
