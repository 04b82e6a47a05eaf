/** Neither the working folder nor the environment reaches the runtime of the portable executable. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { createHost, findArtifact, type Host } from "./artifact.ts";

const artifact = await findArtifact();

/** Files that a runtime looks for and that stop it, or change it, when it reads them. */
const HOSTILE: Readonly<Record<string, string>> = {
  "deno.json": "{ broken",
  "deno.jsonc": "{ broken",
  "deno.lock": "{ broken",
  "package.json": "{ broken",
  "tsconfig.json": "{ broken",
  ".npmrc": "registry=http://127.0.0.1:1/\n",
  ".env": "SPGOV_HOME=/nowhere\n",
};

interface Doctor {
  readonly checks: readonly { readonly name: string }[];
}

async function onHost(work: (host: Host) => Promise<void>): Promise<void> {
  if ("reason" in artifact) return;
  const host = await createHost(artifact.path);
  try {
    await work(host);
  } finally {
    await host.remove();
  }
}

const ignore = "reason" in artifact;

Deno.test({
  name: "configuration of the runtime in the working folder and around the cache is not read",
  ignore,
  fn: () =>
    onHost(async (host) => {
      const folders = [host.folder, join(host.folder, "cache"), join(host.folder, "node_modules")];
      for (const folder of folders) {
        await Deno.mkdir(folder, { recursive: true });
        for (const [name, text] of Object.entries(HOSTILE)) {
          await Deno.writeTextFile(join(folder, name), text);
        }
      }
      const env = { SPGOV_CACHE: join(host.folder, "cache") };
      for (const args of [["--version"], ["infra", "db", "--help"], ["status"]]) {
        const { code, stderr } = await host.run(["./spgov", ...args], { env });
        assert.equal(code, args[0] === "status" ? 6 : 0, stderr);
        assert.doesNotMatch(stderr, /broken|Failed|nowhere/);
      }
      for (const [name, text] of Object.entries(HOSTILE)) {
        assert.equal(await Deno.readTextFile(join(host.folder, name)), text);
      }
    }),
});

Deno.test({
  name: "variables of the runtime are cleared, but for those that are named",
  ignore,
  fn: () =>
    onHost(async (host) => {
      const hostile = {
        SPGOV_CACHE: join(host.folder, "cache"),
        DENO_DIR: join(host.folder, "deno-dir"),
        DENO_V8_FLAGS: "--no-such-flag",
        DENO_CERT: join(host.folder, "no-such-file"),
        // Read by the runtime, which would not start: there is no such module.
        NODE_OPTIONS: "--require ./evil.cjs",
        NODE_NO_WARNINGS: "1",
        NODE_EXTRA_CA_CERTS: join(host.folder, "no-such-file"),
        OTEL_DENO: "true",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
        TEXT: "a line\nNODE_OPTIONS=in the middle",
      };
      const look = async (env: Readonly<Record<string, string>>) => {
        const { stdout } = await host.run(["./spgov", "doctor", "--json"], { env });
        const { checks }: Doctor = JSON.parse(stdout).data;
        return JSON.stringify(checks.find(({ name }) => name === "environment"));
      };
      assert.doesNotMatch(await look(hostile), /DENO_|NODE_|OTEL_/);
      assert.equal(await Deno.stat(hostile.DENO_DIR).catch(() => undefined), undefined);
      const kept = await look({ ...hostile, SPGOV_KEEP_ENV: "NODE_NO_WARNINGS OTEL_NONE" });
      assert.match(kept, /NODE_NO_WARNINGS/);
      assert.doesNotMatch(kept, /DENO_CERT|OTEL_|NODE_OPTIONS|NODE_EXTRA/);
    }),
});

Deno.test({
  name: "the process that was started is the appliance, and gets its signals",
  ignore,
  fn: () =>
    onHost(async (host) => {
      const env = {
        SPGOV_CACHE: join(host.folder, "cache"),
        SPGOV_BALLAST_MB: "1",
        PATH: host.tools,
      };
      const child = new Deno.Command("./spgov", {
        args: ["start", "--port", "0"],
        cwd: host.folder,
        clearEnv: true,
        env,
        stdin: "null",
        stderr: "null",
        stdout: "piped",
      }).spawn();
      const reader = child.stdout.getReader();
      assert.match(new TextDecoder().decode((await reader.read()).value), /ready/);
      const { stdout } = await host.run(["./spgov", "status", "--json"], { env });
      assert.equal(JSON.parse(stdout).data.pid, child.pid);
      child.kill("SIGTERM");
      assert.equal((await child.status).code, 0);
      await reader.cancel();
    }),
});
