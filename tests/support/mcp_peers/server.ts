import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../conformance/main.ts", import.meta.url));

/** Command and arguments of the conformance server over standard input and output. */
export const CONFORMANCE_STDIO: readonly [string, ...string[]] = [
  Deno.execPath(),
  "run",
  "--quiet",
  "--no-prompt",
  "-A",
  MAIN,
  "stdio",
];

/** The conformance server on a port of its own, for both eras. */
export async function startConformanceServer(): Promise<{
  readonly url: string;
  stop(): Promise<void>;
}> {
  const [command, ...args] = CONFORMANCE_STDIO;
  const child = new Deno.Command(command, {
    args: [...args.slice(0, -1), "http"],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error("The conformance server ended at once");
    text += value;
  }
  const { port } = JSON.parse(text) as { port: number };
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async stop() {
      child.kill("SIGTERM");
      await reader.cancel();
      await child.status;
    },
  };
}
