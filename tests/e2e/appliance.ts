/** The executable as its user drives it: every step is a command line, every answer is checked. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Host, HostOptions, Result } from "./artifact.ts";

const POST = fileURLToPath(new URL("./post.ts", import.meta.url));

/** One home of the executable, and how its user runs it. */
export interface Appliance {
  readonly home: string;
  /** Runs a verb and expects that exit status, 0 unless told. */
  spgov(args: readonly string[], status?: number): Promise<Result>;
  start(port: number): Promise<void>;
  stop(): Promise<void>;
  pid(): Promise<number>;
  /** Sends a leaking tool call, expects the denial and answers the decision's id. */
  leak(): Promise<string>;
  /** Expects the row of that decision. */
  audit(decision: string, leaked?: string): Promise<void>;
}

export interface ApplianceOptions extends HostOptions {
  /** Below the host's folder; default `.spgov`, as without `--home`. */
  readonly home?: string;
}

export function openAppliance(host: Host, options: ApplianceOptions = {}): Appliance {
  const home = join(host.folder, options.home ?? ".spgov");
  const place = options.home === undefined ? [] : ["--home", options.home];
  async function spgov(args: readonly string[], status = 0): Promise<Result> {
    const result = await host.run(["./spgov", ...args, ...place], options);
    assert.equal(result.code, status, `${args.join(" ")}: ${result.stderr}${result.stdout}`);
    return result;
  }
  async function state(): Promise<{ pid: number; url: string }> {
    const { stdout } = await spgov(["status", "--json"]);
    return JSON.parse(stdout).data;
  }
  return {
    home,
    spgov,
    async start(port) {
      await spgov(["start", "--detach", "--port", `${port}`]);
      assert.match((await state()).url, new RegExp(`:${port}$`));
    },
    async stop() {
      await spgov(["stop"]);
      await spgov(["status"], 6);
    },
    pid: async () => (await state()).pid,
    async leak() {
      const { stdout } = await spgov(["admin", "session", "token", "--audience", "hook"]);
      assert.match(stdout, /^[\w.-]+\n$/, "the token stands alone");
      const secret = githubToken();
      const answer = await post(host, options, (await state()).url, stdout.trim(), secret);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.policy, "secret_detection", answer.body);
      assert.equal(JSON.parse(answer.body).hookSpecificOutput.permissionDecision, "deny");
      assert.ok(!answer.body.includes(secret.slice(4)), "the answer repeats the secret");
      return answer.headers.decisionid ?? "";
    },
    async audit(decision) {
      const { stdout } = await spgov(["infra", "logs", "audit", decision, "--full", "--json"]);
      assert.ok(stdout.includes(decision));
      assert.match(stdout, /"secret_detection"/);
      assert.doesNotMatch(stdout, /ghp_[0-9A-Za-z]{8}/, "the row repeats the secret");
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** From where the executable runs, which may be a network of its own. */
async function post(
  host: Host,
  { prefix = [] }: HostOptions,
  url: string,
  token: string,
  secret: string,
): Promise<Answer> {
  const body = JSON.stringify({
    hook_event_name: "PreToolUse",
    session_id: "0b8f3a52-5b3e-4c39-9f0e-3f6f2a5f7c11",
    transcript_path: "/tmp/transcript.jsonl",
    cwd: "/tmp",
    permission_mode: "default",
    tool_name: "Bash",
    tool_input: { command: `curl -H "Authorization: token ${secret}" https://api.github.com` },
    tool_use_id: "toolu_1",
  });
  const target = `${url}/api/public/hooks/govern?plugin_id=artifact`;
  const [program = "", ...args] = [
    // The account does not matter for a request, and must not need Deno's cache.
    ...prefix.filter((word) => !word.startsWith("--set")),
    Deno.execPath(),
    "run",
    "--allow-net",
    "--no-config",
    "--no-lock",
    POST,
    target,
    token,
    body,
  ];
  const { code, stdout, stderr } = await new Deno.Command(program, { args, cwd: host.folder })
    .output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stderr));
  return JSON.parse(decoder.decode(stdout));
}

/** Made here, so that no text of ours holds one; with the checksum that real ones end with. */
function githubToken(): string {
  const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const random = crypto.getRandomValues(new Uint8Array(30));
  const entropy = [...random].map((byte) => letters.charAt(byte % letters.length)).join("");
  let [rest, sum] = [crc32(entropy), ""];
  for (; rest > 0; rest = Math.floor(rest / 62)) sum = letters.charAt(rest % 62) + sum;
  return `gh${"p_"}${entropy}${sum.padStart(6, "0")}`;
}
