import { fileURLToPath } from "node:url";
import type { Peers } from "./peers.ts";

/** The official client of each line, and for the second the era it speaks. */
export type ClientLine = "v1" | "v2-2025" | "v2-2026" | "v2-auto";

export const CLIENT_LINES: readonly ClientLine[] = ["v1", "v2-2025", "v2-2026", "v2-auto"];

const MODES: Readonly<Record<ClientLine, string>> = {
  "v1": "",
  "v2-2025": "legacy",
  "v2-2026": "2026-07-28",
  "v2-auto": "auto",
};

/** One request; with `list` all pages of it, as the array of that name. */
export interface ClientStep {
  readonly method: string;
  readonly params?: object;
  readonly list?: string;
  readonly cancelAfterMs?: number;
}

export interface ClientScript {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly steps: readonly ClientStep[];
  /** What the client answers to `elicitation/create`, `sampling/createMessage`, `roots/list`. */
  readonly answers?: Readonly<Record<string, unknown>>;
}

export interface ClientError {
  readonly name: string;
  readonly code?: number | string;
  readonly message: string;
  readonly data?: unknown;
}

export type StepResult =
  // deno-lint-ignore no-explicit-any -- results of every shape
  | { readonly ok: true; readonly value: any }
  | { readonly ok: false; readonly error: ClientError };

/** What a client saw. */
export interface ClientRun {
  readonly version?: string;
  readonly session?: boolean;
  readonly server?: { readonly name: string };
  readonly capabilities?: Readonly<Record<string, unknown>>;
  readonly results: readonly StepResult[];
  /** Parameters of what the server asked it. */
  readonly asked: readonly unknown[];
  /** Notifications and progress. */
  readonly heard: readonly { readonly method: string; readonly params?: unknown }[];
  /** Why it could not go on. */
  readonly error?: ClientError;
}

const PATIENCE_MS = 60_000;

/** Runs a client through its steps. */
export async function runMcpClient(
  { node, folder }: Peers,
  line: ClientLine,
  script: ClientScript,
): Promise<ClientRun> {
  const driver = `./drivers/client_${line === "v1" ? "v1" : "v2"}.mjs`;
  const child = new Deno.Command(node, {
    args: [fileURLToPath(new URL(driver, import.meta.url))],
    clearEnv: true,
    env: { MCP_PEERS: folder, PATH: "/usr/bin:/bin" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  const text = JSON.stringify({ headers: {}, answers: {}, mode: MODES[line], ...script });
  await input.write(new TextEncoder().encode(text));
  await input.close();
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  const { stdout, stderr } = await child.output().finally(() => clearTimeout(timer));
  const decoder = new TextDecoder();
  const printed = decoder.decode(stdout);
  if (printed === "") {
    throw new Error(`The client ${line} printed nothing: ${decoder.decode(stderr)}`);
  }
  return JSON.parse(printed);
}
