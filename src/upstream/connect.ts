import type { ChildPlan } from "../confinement/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import type { Redactor, Vault } from "../vault/mod.ts";
import type { HttpUpstream, StdioUpstream, UpstreamConfig } from "./config.ts";
import { ErrorOutput } from "./error_output.ts";
import { HttpTransport } from "./http_transport.ts";
import {
  environmentOf,
  headersOf,
  type Holder,
  redactorOf,
  resolveSecrets,
  wipeValues,
} from "./injected.ts";
import type { LogRing } from "./log_ring.ts";
import { StdioTransport } from "./stdio_transport.ts";
import type { Transport } from "./transport.ts";

/** How a server's lines are opened. */
export interface ServerSetup {
  readonly config: UpstreamConfig;
  /** How its children are started; undefined where it has none. */
  readonly plan: ChildPlan | undefined;
  readonly launcher: string;
}

export interface ConnectContext {
  readonly vault: Vault;
  readonly clock: Clock;
  readonly logs: LogRing;
}

/** What a line is opened for. */
export interface Opening {
  /** Names it in logs. */
  readonly key: string;
  readonly holder: Holder;
}

/** A way to an upstream, and what was given to it. */
export interface Connected {
  readonly transport: Transport;
  /** Finds what was injected; undefined where nothing was. */
  readonly redactor: Redactor | undefined;
}

/**
 * Starts a child or a session. Throws `invalid` for a secret that is missing, and what the system says when
 * the child cannot be started.
 */
export async function connectUpstream(
  setup: ServerSetup,
  request: Opening,
  context: ConnectContext,
): Promise<Connected> {
  const { config, plan, launcher } = setup;
  if (config.transport === "stdio" && plan) {
    return await startChild(config, plan, launcher, request, context);
  }
  if (config.transport === "http") return await openSession(config, request, context);
  throw new AppError("internal", `There is no plan for server "${config.name}"`);
}

async function openSession(
  config: HttpUpstream,
  request: Opening,
  { vault, clock, logs }: ConnectContext,
): Promise<Connected> {
  const { name, endpoint, ca, secret_headers, output_limit_bytes: limit, timeout_ms: timeoutMs } =
    config;
  const secrets = Object.values(secret_headers).map(({ secret }) => secret);
  const values = await resolveSecrets(name, secrets, vault, request.holder);
  const redactor = redactorOf(values);
  const headers = headersOf(config, values);
  wipeValues(values);
  const onTrouble = (text: string): void =>
    logs.add({
      at: clock.now(),
      key: request.key,
      text: redactor?.redactText(text).value ?? text,
    });
  const transport = await HttpTransport.open({
    endpoint,
    ca,
    headers,
    limit,
    timeoutMs,
    onTrouble,
  });
  return { transport, redactor };
}

async function startChild(
  config: StdioUpstream,
  plan: ChildPlan,
  launcher: string,
  request: Opening,
  { vault, clock, logs }: ConnectContext,
): Promise<Connected> {
  const { name, secrets, output_limit_bytes: limit } = config;
  const values = await resolveSecrets(name, Object.values(secrets), vault, request.holder);
  try {
    const environment = environmentOf(config, plan.variables, values);
    const redactor = redactorOf(values);
    const now = () => clock.now();
    const errors = new ErrorOutput({ ring: logs, key: request.key, redactor, now });
    const transport = new StdioTransport({ server: name, launcher, environment, limit, errors });
    return { transport, redactor };
  } finally {
    wipeValues(values);
  }
}
