/**
 * The smallest thing that answers hooks like the appliance: one detector, rows in memory, and the
 * few verbs that the test of the real client uses. It proves the contract and the test, not the product.
 */
import {
  claudeHookSettings,
  hookResponse,
  mergeHookSettings,
  parseHook,
} from "../../src/plugins/mod.ts";

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Service {
  readonly url: string;
  readonly home: string;
  cli(args: readonly string[]): Promise<CliResult>;
  stop(): Promise<void>;
}

interface Row {
  readonly id: string;
  readonly kind: "decision" | "outcome";
  readonly session_id: string;
  readonly target: string;
  readonly decision: string;
  readonly policy: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

const TOKEN = "stand-in-token";
const SESSION = "5f0c9d3e-0000-7000-8000-000000000001";

/** Starts it on a free loopback port. */
export async function startService(): Promise<Service> {
  const rows: Row[] = [];
  const home = await Deno.makeTempDir({ prefix: "spgov-" });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (req) => {
    const track = new URL(req.url).pathname.endsWith("/track");
    if (track) return Response.json({});
    return Response.json(answer(rows, req.headers, await req.json()));
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  return {
    url,
    home,
    cli: (args) => runVerb(args, url, rows),
    stop: async () => {
      await server.shutdown();
      await Deno.remove(home, { recursive: true });
    },
  };
}

function answer(rows: Row[], headers: Headers, body: unknown): Record<string, unknown> {
  const options = { onAllow: "allow" } as const;
  const parse = parseHook(body, "govern");
  if (!parse.ok) {
    return hookResponse(parse.event, { outcome: "deny", reason: parse.reason }, options);
  }
  if (headers.get("authorization") !== `Bearer ${TOKEN}`) {
    return hookResponse(parse.event.name, { outcome: "deny", reason: "bad token" }, options);
  }
  const { event } = parse;
  const found = /gh[pousr]_[0-9A-Za-z]{36}/.exec(JSON.stringify(event.input));
  const deny = found !== null && event.kind !== "outcome";
  const reason = deny
    ? `GitHub personal access token in ${event.inputPath}, ${found[0].length} characters`
    : "No rule objects";
  rows.push({
    id: crypto.randomUUID(),
    kind: event.kind === "outcome" ? "outcome" : "decision",
    session_id: SESSION,
    target: event.target,
    decision: event.outcome ?? (deny ? "deny" : "allow"),
    policy: deny ? "secret_detection" : "default_allow",
    detail: { reason, client_session: event.clientSessionId, tool_use_id: event.toolUseId },
  });
  return hookResponse(event.name, { outcome: deny ? "deny" : "allow", reason }, options);
}

async function runVerb(args: readonly string[], url: string, rows: Row[]): Promise<CliResult> {
  const verb = args.slice(0, 3).join(" ");
  if (verb === "core hooks install") return await installHooks(args, url);
  if (verb === "infra logs decisions") return printed(rows.filter((r) => r.kind === "decision"));
  if (verb === "infra logs audit") return printed(rowsOf(rows, args[3] ?? ""));
  return { code: 2, stdout: "", stderr: `unknown verb ${verb}` };
}

function printed(data: readonly Row[]): CliResult {
  const code = data.length === 0 ? 3 : 0;
  return { code, stdout: JSON.stringify({ data, kind: "audit" }), stderr: "" };
}

/** A decision with its outcome, or everything of a session. */
function rowsOf(rows: readonly Row[], id: string): Row[] {
  const call = rows.find((row) => row.id === id)?.detail.tool_use_id;
  return rows.filter((row) =>
    row.session_id === id || row.id === id ||
    (call !== undefined && row.detail.tool_use_id === call)
  );
}

async function installHooks(args: readonly string[], url: string): Promise<CliResult> {
  const folder = `${args[args.indexOf("--dir") + 1]}/.claude`;
  const ours = claudeHookSettings({ url, token: { value: TOKEN }, pluginId: "claude-code" });
  const { settings } = mergeHookSettings(undefined, ours);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/settings.json`, JSON.stringify(settings));
  return { code: 0, stdout: "", stderr: "" };
}
