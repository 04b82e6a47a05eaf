import type { Audience } from "../../identity/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { selfCommand } from "../../kernel/self.ts";
import type { Tier } from "../../kernel/tiers.ts";
import { createSessionToken } from "../admin/session/create.ts";
import type { CliContext } from "../context.ts";
import type { Step } from "./demo.ts";

/** A hook payload; what is not given is filled in. */
export interface Payload {
  readonly hook_event_name?: string;
  readonly tool_name?: string;
  readonly tool_input?: unknown;
  readonly [field: string]: unknown;
}

/** A hook endpoint's answer. */
export interface HookReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
  readonly decisionId: string;
  readonly policy: string;
  readonly verdict: "allow" | "deny" | "none";
  readonly reason: string;
}

/** A session of its own, with the one token that is good for it. */
export interface DemoSession {
  readonly id: string;
  readonly token: string;
  govern(payload: Payload, headers?: Readonly<Record<string, string>>): Promise<HookReply>;
  track(payload: Payload): Promise<HookReply>;
}

/** What a command of the product printed. */
export interface CommandResult {
  readonly status: number;
  /** `data` of the JSON document on standard output. */
  // deno-lint-ignore no-explicit-any -- a demo looks into documents of every shape
  readonly data: any;
  readonly stderr: string;
}

/** Where a demo plays: the running appliance, seen as its users see it. */
export interface Scene {
  /** Unique to this run: stands in payloads so that rows can be told apart. */
  readonly run: string;
  readonly url: string;
  /** Says what comes next. */
  say(text: string): void;
  /** States an expectation. One that is not met fails the demo; it goes on all the same. */
  expect(text: string, met: boolean, found?: unknown): void;
  session(options?: { readonly role?: Tier; readonly audience?: Audience }): Promise<DemoSession>;
  /** Runs a command of the product with `--json` in a process of its own. */
  spgov(...args: readonly string[]): Promise<CommandResult>;
  /** The same, with a text on its standard input. */
  pipe(input: string, ...args: readonly string[]): Promise<CommandResult>;
  /** Asks again until the answer is there, for at most 15 seconds; the last answer otherwise. */
  eventually<T>(ask: () => Promise<T>, isThere: (answer: T) => boolean): Promise<T>;
  /** A folder that is removed afterwards. */
  folder(): Promise<string>;
}

/** Longer than the ten seconds between two seals of the audit. */
const PATIENCE_MS = 15_000;
const TTL_MS = 10 * 60_000;

/** A scene of one demo; `record` gets each expectation. */
export function createScene(
  context: CliContext,
  url: string,
  record: (step: Step) => void,
): Scene {
  const run = crypto.randomUUID();
  return {
    run,
    url,
    say: (text) => context.out.note(`  ${text}`),
    expect: (text, met, found) => record({ text, met, ...met ? {} : { found } }),
    async session({ role, audience = "hook" } = {}) {
      const request = { audience, ttlMs: TTL_MS, clientId: "spgov-demo" };
      const { session, token } = await createSessionToken(
        context,
        role === undefined ? request : { ...request, role },
      );
      return {
        id: session.id,
        token,
        govern: (payload, headers) =>
          post(`${url}/api/public/hooks/govern`, token, fill(payload, run), headers),
        track: (payload) => post(`${url}/api/public/hooks/track`, token, fill(payload, run)),
      };
    },
    spgov: (...args) => runCommand(context, args),
    pipe: (input, ...args) => runCommand(context, args, input),
    async eventually(ask, isThere) {
      const end = performance.now() + PATIENCE_MS;
      for (;;) {
        const answer = await ask();
        if (isThere(answer) || performance.now() > end) return answer;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async folder() {
      const path = await Deno.makeTempDir({ prefix: "spgov-demo-" });
      context.defer(() => Deno.remove(path, { recursive: true }));
      return path;
    },
  };
}

function fill(payload: Payload, run: string): Payload {
  return {
    hook_event_name: "PreToolUse",
    session_id: run,
    cwd: "/home/dev/project",
    permission_mode: "default",
    ...payload,
  };
}

async function post(
  url: string,
  token: string,
  payload: Payload,
  headers: Readonly<Record<string, string>> = {},
): Promise<HookReply> {
  const response = await fetch(`${url}?plugin_id=enterprise-demo`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(payload),
  });
  const body = await response.json();
  const specific = body.hookSpecificOutput ?? {};
  const verdict = body.decision === "block" ? "deny" : specific.permissionDecision ?? "none";
  return {
    status: response.status,
    headers: response.headers,
    body,
    decisionId: response.headers.get("decisionId") ?? "",
    policy: response.headers.get("policy") ?? "",
    verdict,
    reason: specific.permissionDecisionReason ?? body.reason ?? "",
  };
}

async function runCommand(
  context: CliContext,
  args: readonly string[],
  input = "",
): Promise<CommandResult> {
  const self = selfCommand();
  const child = new Deno.Command(self.command, {
    args: [...self.args, ...args, "--json", "--home", context.home],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A command that reads nothing may have ended already.
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stdout);
  return {
    status: code,
    data: text.trim() === "" ? undefined : parse(text, args).data,
    stderr: new TextDecoder().decode(stderr),
  };
}

function parse(text: string, args: readonly string[]): { readonly data?: unknown } {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("internal", `"spgov ${args.join(" ")}" printed no JSON document`, { cause });
  }
}
