import { exists, obtainKit, platform } from "../npm_kit.ts";
import manifest from "./manifest.json" with { type: "json" };

/** Node.js that the peers are run with; their own demand is 22.19 and later. */
const NODE = "24.21.0";

/** Programs of others that speak MCP, as their publishers deliver them. */
const PROGRAMS = {
  conformance: "@modelcontextprotocol/conformance/dist/index.js",
  inspector: "@modelcontextprotocol/inspector/clients/launcher/build/index.js",
  everything: "@modelcontextprotocol/server-everything/dist/index.js",
  filesystem: "@modelcontextprotocol/server-filesystem/dist/index.js",
  mcpProxy: "mcp-proxy/dist/bin/mcp-proxy.mjs",
  supergateway: "supergateway/dist/index.js",
} as const;

export type PeerProgram = keyof typeof PROGRAMS;

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Peers {
  /** Path of Node.js. */
  readonly node: string;
  /** The folder that `node_modules` is in. */
  readonly folder: string;
  /** Command and arguments that start a program. */
  command(program: PeerProgram, ...args: string[]): readonly [string, ...string[]];
  /** Runs a program to its end, at most a minute unless told. */
  run(program: PeerProgram, args: readonly string[], options?: RunOptions): Promise<Output>;
}

export interface RunOptions {
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** The peers, or a sentence that says why they cannot be had: a test that needs them is skipped with it. */
export async function obtainPeers(): Promise<Peers | { readonly reason: string }> {
  try {
    const [node, folder] = await Promise.all([obtainNode(), obtainPackages()]);
    return createPeers(node, folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { reason: `peers from npm cannot be had: ${why}` };
  }
}

async function obtainPackages(): Promise<string> {
  const lock = await Deno.readTextFile(new URL("./manifest.lock.json", import.meta.url));
  return await obtainKit({ name: "mcp-peers", dependencies: manifest.dependencies, lock });
}

async function obtainNode(): Promise<string> {
  const name = `node-${platform()}`;
  const folder = await obtainKit({ name, dependencies: { [name]: NODE } });
  const path = `${folder}/node_modules/${name}/bin/node`;
  if (!await exists(path)) throw new Error(`${name} ${NODE} has no bin/node`);
  await Deno.chmod(path, 0o755);
  return path;
}

function createPeers(node: string, folder: string): Peers {
  const command = (program: PeerProgram, ...args: string[]) =>
    [node, `${folder}/node_modules/${PROGRAMS[program]}`, ...args] as const;
  return {
    node,
    folder,
    command,
    async run(program, args, { timeoutMs = 60_000, env = {} } = {}) {
      const [file, ...rest] = command(program, ...args);
      const home = await Deno.makeTempDir({ prefix: "mcp-peer-" });
      try {
        return await runToEnd(file, rest, { ...QUIET, HOME: home, ...env }, timeoutMs);
      } finally {
        await Deno.remove(home, { recursive: true });
      }
    },
  };
}

/** Nothing of whoever runs the tests, and nothing that reports home. */
const QUIET = { PATH: "/usr/bin:/bin", NO_COLOR: "1", CI: "1" };

async function runToEnd(
  file: string,
  args: readonly string[],
  env: Record<string, string>,
  timeoutMs: number,
): Promise<Output> {
  const child = new Deno.Command(file, {
    args: [...args],
    clearEnv: true,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  const { code, stdout, stderr } = await child.output().finally(() => clearTimeout(timer));
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
