/** Runs the real command line as a process of its own. */

const ROOT = new URL("../../", import.meta.url).pathname;
export const MAIN = `${ROOT}main.ts`;

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
}

/** The environment of the tests without what would steer the command line. */
export function cleanEnvironment(): Record<string, string> {
  const entries = Object.entries(Deno.env.toObject()).filter(([name]) =>
    !/^(SPGOV_(?!CACHE|POSTGRES_NATIVE)|DATABASE_URL$|NO_COLOR$)/.test(name)
  );
  return Object.fromEntries(entries);
}

/** What Deno is given to run the command line. */
export function commandArguments(args: readonly string[]): string[] {
  return ["run", "--quiet", "--no-prompt", "-A", MAIN, ...args];
}

export function command(
  args: readonly string[],
  { env = {}, cwd = ROOT }: RunOptions = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: commandArguments(args),
    clearEnv: true,
    env: { ...cleanEnvironment(), ...env },
    cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

export async function spgov(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const child = command(args, options).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(options.input ?? "")).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A home that is removed at the end; open enough for PostgreSQL's account when root runs the tests. */
export async function withHome(work: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "spgov-cli-" });
  try {
    await Deno.chmod(home, 0o755);
    await work(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}
