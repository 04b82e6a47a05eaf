/** The real Claude Code, fetched from npm once per version, run without a person and without its vendor. */

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
}

/** The executable, or a sentence that says why there is none. */
export async function obtainClient(): Promise<{ path: string } | { reason: string }> {
  const name = `claude-code-${platform()}`;
  const folder = `${cacheFolder()}/${name}-${VERSION}`;
  const path = `${folder}/node_modules/@anthropic-ai/${name}/${executable()}`;
  try {
    if (!await exists(path)) await install(folder, `@anthropic-ai/${name}`);
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

/** Runs one prompt to its end (`claude -p`). Bash is allowed by the client's own rules. */
export async function runClient(options: ClientOptions): Promise<ClientRun> {
  const args = ["-p", options.prompt, "--output-format", "json", "--allowedTools", "Bash"];
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

/** Installs beside the final folder and moves it there, so that a half installation is never used. */
async function install(folder: string, name: string): Promise<void> {
  const building = `${folder}.${crypto.randomUUID()}`;
  await Deno.mkdir(building, { recursive: true });
  try {
    const manifest = { private: true, dependencies: { [name]: VERSION } };
    await Deno.writeTextFile(`${building}/package.json`, JSON.stringify(manifest));
    await Deno.writeTextFile(`${building}/deno.json`, '{"nodeModulesDir": "auto"}');
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["install", "--quiet"],
      cwd: building,
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr).trim().slice(0, 300));
    await Deno.rename(building, folder).catch(async (error) => {
      if (!await exists(folder)) throw error;
    });
  } finally {
    await Deno.remove(building, { recursive: true }).catch(() => {});
  }
}

function cacheFolder(): string {
  const chosen = Deno.env.get("SPGOV_TEST_CACHE");
  if (chosen) return chosen;
  const base = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  return `${base}/spgov-test`;
}

function platform(): string {
  const os = Deno.build.os === "windows" ? "win32" : Deno.build.os;
  return `${os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`;
}

function executable(): string {
  return Deno.build.os === "windows" ? "claude.exe" : "claude";
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
