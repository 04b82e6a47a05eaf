/// <reference lib="deno.worker" />
/**
 * Runs with the permission list of egress: opens lines as egress does, and then tries what only somebody who has
 * taken it over would.
 */
import { spawnSync } from "node:child_process";
import { systemClock } from "../../src/kernel/clock.ts";
import { createLog } from "../../src/kernel/log.ts";
import { connectLine, type LineEvent } from "../../src/egress/mod.ts";
import { Upstreams, type UpstreamSetup } from "../../src/upstream/mod.ts";
import { openGate } from "../support/line_gate.ts";

export interface EgressWorkerReport {
  /** Pids of a child and of what it has started. */
  readonly family: readonly number[];
  /** What the remote server answered. */
  readonly remote: unknown;
  /** What came of each try: `done`, or the error's name. */
  readonly tries: Readonly<Record<string, string>>;
}

async function ask(upstreams: Upstreams, server: string, method: string): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  const answer = Promise.withResolvers<LineEvent>();
  const line = connectLine(port1, answer.resolve);
  const request = { server, key: "k", token: undefined };
  await upstreams.methods("gateway-0").openLine(request, port2);
  line.send({ jsonrpc: "2.0", id: 1, method, params: {} });
  const event = await answer.promise;
  if (event.kind === "closed") throw new Error(event.reason);
  return (event.message as { result: unknown }).result;
}

async function attempt(work: () => unknown): Promise<string> {
  try {
    await work();
    return "done";
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).name;
  }
}

const run = async (command: string, args: string[], env: Record<string, string> = {}) => {
  const { code } = await new Deno.Command(command, { args, env, clearEnv: true }).output();
  if (code !== 0) throw Object.assign(new Error("ended"), { code: `status ${code}` });
};

self.onmessage = async ({ data }: MessageEvent<{ setup: UpstreamSetup; other: string }>) => {
  const { setup, other } = data;
  const { launcher } = setup;
  const upstreams = new Upstreams(setup, {
    vault: { resolve: () => Promise.resolve(undefined) },
    gate: openGate,
    clock: systemClock,
    log: createLog({ module: "test", write: () => {} }),
  });
  const tries: Record<string, () => unknown> = {
    "run sh": () => run("/bin/sh", ["-c", ":"]),
    "run sh by name": () => run("sh", ["-c", ":"]),
    "run bwrap": () => run("/usr/bin/bwrap", ["--version"]),
    "run by node": () => {
      const { error } = spawnSync("/bin/sh", ["-c", ":"], { env: {} });
      if (error) throw error;
    },
    "run something else by the launcher": () => run(launcher, ["sh"]),
    "run a server with a shell in its name": () => run(launcher, ["child'; touch /tmp/x; '"]),
    "preload": () => run(launcher, ["child"], { LD_PRELOAD: "/tmp/x.so" }),
    "write the launcher": () => Deno.writeTextFile(launcher, "#!/bin/sh\n"),
    "replace the launcher": () => Deno.rename(launcher, `${launcher}.old`),
    "read the launcher": () => Deno.readTextFile(launcher),
    "reach another host": () => fetch(other),
  };
  const outcomes: Record<string, string> = {};
  for (const [name, work] of Object.entries(tries)) outcomes[name] = await attempt(work);
  const report: EgressWorkerReport = {
    family: await ask(upstreams, "child", "fork") as number[],
    remote: await ask(upstreams, "remote", "tools/list"),
    tries: outcomes,
  };
  self.postMessage(report);
};
