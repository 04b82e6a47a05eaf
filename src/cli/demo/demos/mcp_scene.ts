import type { Scene } from "../scene.ts";
import { githubToken } from "./credentials.ts";

/** A tool's answer through the gateway, as `plugins mcp call` prints it. */
export interface ToolReply {
  /** Exit status: 0 done, 1 the tool failed, 4 denied. */
  readonly status: number;
  readonly text: string;
  // deno-lint-ignore no-explicit-any -- structured content of every shape
  readonly structured: any;
  readonly decisionId: string;
  readonly policy: string;
}

/** Calls a tool as an agent's client would, in a session of its own. */
export async function callTool(
  scene: Scene,
  server: string,
  tool: string,
  args: object,
  ...flags: readonly string[]
): Promise<ToolReply> {
  const { status, data } = await scene.spgov(
    "plugins",
    "mcp",
    "call",
    server,
    tool,
    "--args",
    JSON.stringify(args),
    ...flags,
  );
  const decision = data?.meta?.["spgov/decision"] ?? {};
  const content: readonly { readonly text?: string }[] = data?.content ?? [];
  return {
    status,
    text: content.map(({ text }) => text ?? "").join("\n"),
    structured: data?.structured_content,
    decisionId: decision.id ?? "",
    policy: decision.policy ?? "",
  };
}

/** Gives `demo-github` a credential that opens nothing, made up here. Answers it. */
export async function giveCredential(scene: Scene): Promise<string> {
  const token = githubToken();
  const set = ["cloud", "secrets", "set", "demo-github-token", "--server", "demo-github"];
  const { status, stderr } = await scene.pipe(token, ...set);
  scene.expect("the credential is sealed in the vault", status === 0, stderr);
  return token;
}

/** What the appliance says of the processes of `demo-github`. */
export interface Processes {
  /** Started since the appliance was. */
  readonly starts: number;
  readonly pids: readonly number[];
  /** Processes that said, in that time, that they were started. */
  readonly announced: number;
}

/** `since`: milliseconds since 1970. */
export async function processesOf(
  scene: Scene,
  server: string,
  since: number,
): Promise<Processes> {
  const status = await scene.spgov("plugins", "mcp", "status", "--server", server);
  const logs = await scene.spgov("plugins", "mcp", "logs", server, "--limit", "1000");
  const [found] = status.data?.servers ?? [];
  const lines: readonly { readonly at: string; readonly text: string }[] = logs.data?.lines ?? [];
  return {
    starts: found?.starts ?? -1,
    pids: found?.pids ?? [],
    announced:
      lines.filter(({ at, text }) => Date.parse(at) >= since && / started, process \d+$/.test(text))
        .length,
  };
}
