import type { UpstreamLogLine, UpstreamStatus } from "../../../egress/mod.ts";
import { AppError, type ErrorCode, SURFACES } from "../../../kernel/errors.ts";
import { findCaller } from "../../actor.ts";
import type { CliContext } from "../../context.ts";
import { fetchDirect } from "../../direct_fetch.ts";
import { createSessionToken } from "../../admin/session/create.ts";
import { findRunning } from "./gateway.ts";

/** What the running appliance says of the servers behind its gateway. */
export interface ServiceApi {
  status(): Promise<readonly UpstreamStatus[]>;
  logs(server: string): Promise<readonly UpstreamLogLine[]>;
  /** Answers how many lines were ended. */
  restart(server: string): Promise<number>;
}

const TTL_MS = 60_000;
const PATIENCE_MS = 20_000;

/** Opens the running appliance's API with a session that lasts a minute, of who called the verb. */
export async function openService(context: CliContext): Promise<ServiceApi> {
  const base = `${await findRunning(context)}/api/v1/mcp/servers`;
  const caller = findCaller(context);
  const { token } = await createSessionToken(context, {
    audience: "api",
    ttlMs: TTL_MS,
    ...caller && { user: caller.userId, role: caller.role, clientId: caller.clientId },
  });

  async function ask<T>(method: "GET" | "POST", path: string): Promise<T> {
    const response = await send(`${base}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body = await response.json().catch(() => ({}));
    if (response.ok) return body.data;
    throw failureOf(body, response.status);
  }

  const of = (server: string) => `/${encodeURIComponent(server)}`;
  return {
    status: async () => (await ask<ServerDocument[]>("GET", "?limit=200")).map(toStatus),
    logs: async (server) =>
      (await ask<LogDocument[]>("GET", `${of(server)}/logs`))
        .map((line) => ({ ...line, at: Date.parse(line.at) })),
    async restart(server) {
      return (await ask<{ ended: number }>("POST", `${of(server)}/restart`)).ended;
    },
  };
}

type LogDocument = Omit<UpstreamLogLine, "at"> & { readonly at: string };

interface ServerDocument extends Omit<UpstreamStatus, "retryAt" | "lastFailure"> {
  readonly retry_at: string | null;
  readonly last_failure:
    | { readonly at: string; readonly code: string; readonly reason: string }
    | null;
}

function toStatus({ retry_at, last_failure, ...rest }: ServerDocument): UpstreamStatus {
  return {
    ...rest,
    ...retry_at !== null && { retryAt: Date.parse(retry_at) },
    ...last_failure && { lastFailure: { ...last_failure, at: Date.parse(last_failure.at) } },
  };
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetchDirect(url, init);
  } catch (cause) {
    throw new AppError("unavailable", `Nobody answers at ${new URL(url).origin}`, { cause });
  }
}

/** A problem document as the error that it tells of. */
function failureOf(
  { code, title }: { readonly code?: string; readonly title?: string },
  status: number,
): AppError {
  const known = code !== undefined && Object.hasOwn(SURFACES, code);
  return new AppError(
    known ? code as ErrorCode : "unavailable",
    title ?? `The appliance answered with HTTP ${status}`,
  );
}
