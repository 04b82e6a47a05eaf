/** The real Claude Code, fetched from npm once per version, run without a person and without its vendor. */
import { obtainKit, platform } from "../support/npm_kit.ts";

const VERSION = "2.1.330";
const BASE = "/usr/local/bin:/usr/bin:/bin";

export interface ClientRun {
  /** Exit status. */
  readonly code: number;
  /** The session id that the client gave itself; empty when it printed no result. */
  readonly sessionId: string;
  /** The final text, or what the client says about a blocked prompt. */
  readonly result: string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ClientOptions {
  /** Path of the client's executable. */
  readonly client: string;
  /** Working folder; its `.claude/settings.local.json` is in force. */
  readonly folder: string;
  /** Home folder of this run: no file outside it and `folder` is read as configuration. */
  readonly home: string;
  readonly modelUrl: string;
  readonly prompt: string;
  /** Tools that the client's own rules allow; Bash unless given. */
  readonly allowed?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The executable, or a sentence that says why there is none. */
export async function obtainClient(): Promise<{ path: string } | { reason: string }> {
  const name = `claude-code-${platform()}`;
  try {
    const folder = await obtainKit({
      name,
      dependencies: { [`@anthropic-ai/${name}`]: VERSION },
    });
    const path = `${folder}/node_modules/@anthropic-ai/${name}/${executable()}`;
    await Deno.chmod(path, 0o755);
    const output = await new Deno.Command(path, {
      args: ["--version"],
      clearEnv: true,
      env: { PATH: BASE, HOME: folder },
    }).output();
    if (!output.success) return { reason: `Claude Code ${VERSION} does not start on this host` };
    return { path };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { reason: `Claude Code ${VERSION} cannot be had: ${why}` };
  }
}

/** Runs one prompt to its end (`claude -p`). */
export async function runClient(options: ClientOptions): Promise<ClientRun> {
  const { allowed = ["Bash"] } = options;
  const args = ["-p", options.prompt, "--output-format", "json", "--allowedTools", ...allowed];
  const child = new Deno.Command(options.client, {
    args,
    cwd: options.folder,
    clearEnv: true,
    env: environment(options),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), 120_000);
  const output = await child.output().finally(() => clearTimeout(timer));
  const [stdout, stderr] = [output.stdout, output.stderr].map((b) => new TextDecoder().decode(b));
  return { code: output.code, stdout: stdout ?? "", stderr: stderr ?? "", ...resultOf(stdout) };
}

function environment(options: ClientOptions): Record<string, string> {
  return {
    PATH: BASE,
    HOME: options.home,
    TMPDIR: options.home,
    CLAUDE_CODE_TMPDIR: options.home,
    CLAUDE_CONFIG_DIR: `${options.home}/.claude`,
    ANTHROPIC_BASE_URL: options.modelUrl,
    ANTHROPIC_API_KEY: "unused",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
    DISABLE_ERROR_REPORTING: "1",
    DISABLE_TELEMETRY: "1",
    ...options.env,
  };
}

function resultOf(stdout: string | undefined): Pick<ClientRun, "sessionId" | "result"> {
  try {
    const parsed = JSON.parse(stdout ?? "") as { session_id?: string; result?: string };
    return { sessionId: parsed.session_id ?? "", result: parsed.result ?? "" };
  } catch {
    return { sessionId: "", result: "" };
  }
}

function executable(): string {
  return Deno.build.os === "windows" ? "claude.exe" : "claude";
}
