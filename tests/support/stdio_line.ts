import type { LineCommand } from "../../src/egress/mod.ts";

export interface StdioCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a child and speaks the line protocol for it, without limits, secrets or confinement. */
export function serveStdioLine(
  { command, args, env }: StdioCommand,
  port: MessagePort,
  onEnd: () => void,
): void {
  const child = new Deno.Command(command, {
    args: [...args],
    ...env && { env },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const encoder = new TextEncoder();
  let isClosed = false;
  const end = (code: "exited" | "garbage" | undefined): void => {
    if (isClosed) return;
    isClosed = true;
    if (code) port.postMessage({ kind: "closed", code, reason: "The child ended" });
    port.close();
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    void writer.abort().catch(() => undefined);
    onEnd();
  };
  port.onmessage = ({ data }: MessageEvent<LineCommand>) => {
    if (data.kind === "close") return end(undefined);
    if (data.kind !== "message") return;
    void writer.write(encoder.encode(`${JSON.stringify(data.message)}\n`)).catch(() =>
      end("exited")
    );
  };
  void read(child.stdout, (line) => {
    if (isClosed) return;
    try {
      const message = JSON.parse(line);
      port.postMessage({ kind: "message", message, bytes: line.length, redacted: [] });
    } catch {
      end("garbage");
    }
  }).then(() => end("exited"));
}

async function read(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") onLine(line);
  }
}
