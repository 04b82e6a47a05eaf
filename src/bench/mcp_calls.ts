import type { SelfCommand } from "../kernel/self.ts";
import { createHistogram, type Percentiles, percentilesOf } from "./histogram.ts";
import type { BenchContext } from "./program.ts";
import { createTemplate, type RequestTemplate, SERIAL } from "./request.ts";
import type { Answer, Frame } from "./response.ts";

const ENVELOPE = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** The text of an echo call; `SERIAL` in it is the request's number. */
function echoCall(id: unknown): string {
  return JSON.stringify({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: {
      name: "echo",
      arguments: { text: `Say that this is call ${SERIAL} of the benchmark` },
      _meta: ENVELOPE,
    },
  });
}

/** Calls of the echo tool of a server, of revision 2026-07-28. */
export function echoTemplate(host: string, server: string, token: string): RequestTemplate {
  return createTemplate({
    host,
    path: `/api/v1/mcp/${server}/mcp`,
    token,
    body: echoCall(SERIAL),
    headers: {
      "accept": "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "echo",
    },
  });
}

/** What an answer to such a call says: only the echo itself counts as one. */
export function readEcho({ head, body }: Frame): Answer {
  const status = Number(head.slice(9, 12));
  const base = { status, policy: undefined, decisionId: undefined };
  if (status !== 200) return { ...base, outcome: "error", problem: `status ${status}` };
  if (body.includes('"isError":true')) {
    return { ...base, outcome: body.includes("rate_limit") ? "limited" : "deny" };
  }
  const isEcho = body.includes("Say that this is call") && body.includes('"outcome":"allow"');
  return isEcho ? { ...base, outcome: "allow" } : { ...base, outcome: "error", problem: body };
}

/** A token for one server, as the command line makes it. */
export async function accessToken(
  { self, env }: BenchContext,
  home: string,
  server: string,
): Promise<string> {
  const token = ["admin", "session", "token", "--audience", "mcp", "--server", server];
  const { success, stdout, stderr } = await new Deno.Command(self.command, {
    args: [...self.args, ...token, "--home", home],
    clearEnv: true,
    env: { ...env },
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`No token for "${server}": ${decoder.decode(stderr)}`);
  return decoder.decode(stdout).trim();
}

/** Microseconds that the echo server itself takes, over its standard input and output, one call at a time. */
export async function measureDirect(self: SelfCommand, calls: number): Promise<Percentiles> {
  const child = new Deno.Command(self.command, {
    args: [...self.args, "serve-demo", "echo"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  async function exchange(id: number): Promise<string> {
    await writer.write(new TextEncoder().encode(`${echoCall(id)}\n`));
    while (!rest.includes("\n")) {
      const { done, value } = await lines.read();
      if (done) throw new Error("The echo server ended");
      rest += value;
    }
    const [line = "", ...others] = rest.split("\n");
    rest = others.join("\n");
    return line;
  }
  try {
    const times = createHistogram();
    for (let id = 0; id < calls; id++) {
      const start = performance.now();
      const answer = await exchange(id);
      if (!answer.includes("Say that this is call")) throw new Error(`No echo: ${answer}`);
      // The first tenth is warming up.
      if (id >= calls / 10) times.record((performance.now() - start) * 1000);
    }
    return percentilesOf(times);
  } finally {
    await lines.cancel();
    await writer.close().catch(() => undefined);
    await child.status;
  }
}
