import type { Obstacle } from "./host.ts";

/** A program on a pseudo-terminal of its own. */
export interface TerminalSession extends AsyncDisposable {
  /** Everything on the screen so far, with its control characters. */
  text(): string;
  /** Resolves once the pattern stands in what came after the last match; fails after ten seconds. */
  expect(pattern: RegExp): Promise<void>;
  /** Types as a person would: `\r` is Enter, `\x03` Ctrl-C, `\x04` Ctrl-D. */
  type(text: string): Promise<void>;
  /** Exit status of the program; a signal's is 128 and its number. Fails after ten seconds. */
  ended(): Promise<number>;
}

const PATIENCE_MS = 10_000;

/** `script` of util-linux, which opens the terminal. */
export async function findNoTerminal(): Promise<Obstacle> {
  if (Deno.build.os !== "linux") return "needs Linux";
  const probe = new Deno.Command("script", {
    args: ["-qec", "true", "/dev/null"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
  const found = await probe.output().then(({ success }) => success, () => false);
  return found ? undefined : "needs script";
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Runs a program on a terminal, with exactly the given environment. */
export function openTerminal(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): TerminalSession {
  const child = new Deno.Command("script", {
    args: ["-qefc", `exec ${command.map(quote).join(" ")}`, "/dev/null"],
    clearEnv: true,
    env: { ...env, TERM: "xterm", SHELL: "/bin/sh" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  let text = "";
  let seen = 0;
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) text += decoder.decode(chunk, { stream: true });
  })();
  return {
    text: () => text,
    async expect(pattern) {
      const end = performance.now() + PATIENCE_MS;
      for (;;) {
        const match = pattern.exec(text.slice(seen));
        if (match) return void (seen += match.index + match[0].length);
        if (performance.now() > end) throw new Error(`No ${pattern} in ${JSON.stringify(text)}`);
        await pause(20);
      }
    },
    type: (keys) => keyboard.write(new TextEncoder().encode(keys)),
    async ended() {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(
        () => late.reject(new Error(`Still running: ${JSON.stringify(text)}`)),
        PATIENCE_MS,
      );
      try {
        return (await Promise.race([child.status, late.promise])).code;
      } finally {
        clearTimeout(timer);
      }
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await child.status;
      await keyboard.close().catch(() => {});
      await reading;
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
