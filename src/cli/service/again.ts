import { AppError } from "../../kernel/errors.ts";
import { homeAt } from "../../kernel/home.ts";
import { selfCommand, SERVING_VARIABLES } from "../../kernel/self.ts";
import { findService, type ServiceRecord } from "../../kernel/service_file.ts";
import type { CliContext } from "../context.ts";
import type { ExitStatus } from "../exit.ts";

const READY_MS = 120_000;
const LOOK_EVERY_MS = 50;
const SHOWN_LINES = 20;

/** Runs this command line in a process without `dropped` variables; answers its exit status. */
export async function runAgain(
  context: CliContext,
  dropped: readonly string[],
): Promise<ExitStatus> {
  const child = command(context, dropped, []).spawn();
  context.signal.addEventListener("abort", () => tryKill(child));
  const { code } = await child.status;
  return code as ExitStatus;
}

/** Starts the service in the background and waits until it is ready. */
export async function startDetached(
  context: CliContext,
  dropped: readonly string[],
): Promise<ServiceRecord> {
  const { logs, serviceFile } = homeAt(context.home);
  await Deno.mkdir(logs, { recursive: true, mode: 0o700 });
  const log = `${logs}/service.log`;
  const shell = command(context, dropped, [
    "sh",
    "-c",
    `exec "$@" </dev/null >>"$SPGOV_LOG" 2>&1`,
    "sh",
  ], {
    SPGOV_LOG: log,
  });
  const from = (await Deno.stat(log).catch(() => undefined))?.size ?? 0;
  const child = shell.spawn();
  child.unref();
  const ended = child.status.then(() => "ended" as const);
  for (const end = performance.now() + READY_MS; performance.now() < end;) {
    const record = await findService(serviceFile);
    if (record) return record;
    if (await Promise.race([ended, pause(LOOK_EVERY_MS)]) === "ended") break;
  }
  const { code } = await child.status;
  throw failure(code, (await Deno.readTextFile(log)).slice(from), log);
}

function failure(status: number, output: string, log: string): AppError {
  const lines = output.trim().split("\n").slice(-SHOWN_LINES).join("\n");
  const code = status === 5 ? "invalid" : status === 6 ? "unavailable" : "internal";
  return new AppError(code, `The appliance did not start\n${lines}`, { hint: `See "${log}".` });
}

function command(
  context: CliContext,
  dropped: readonly string[],
  wrapper: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): Deno.Command {
  const self = selfCommand();
  const env = Object.entries(context.env).filter(([name]) => !dropped.includes(name));
  const line = [
    ...wrapper,
    self.command,
    ...self.args,
    ...context.commandLine({ without: "--detach" }),
  ];
  const [program = self.command, ...args] = line;
  const detached = wrapper.length > 0;
  return new Deno.Command(program, {
    args,
    clearEnv: true,
    // The runtime would ask its vendor for news otherwise: nothing leaves the host by itself.
    env: {
      ...SERVING_VARIABLES,
      ...Object.fromEntries(env),
      DENO_NO_UPDATE_CHECK: "1",
      ...extra,
    },
    detached,
    stdin: detached ? "null" : "inherit",
    stdout: detached ? "null" : "inherit",
    stderr: detached ? "null" : "inherit",
  });
}

function tryKill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch {
    // It has ended already.
  }
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}
