import { startService, type TestService } from "../support/service.ts";

/** An answer of the API. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

export interface Ask {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Caller = (method: string, path: string, ask?: Ask) => Promise<Answer>;

/** The service with callers of the API. */
export interface ApiWorld {
  readonly service: TestService;
  /** Asks with this token; without one for undefined. */
  as(token: string | undefined): Caller;
}

export function worldOf(service: TestService): ApiWorld {
  return {
    service,
    as: (token) => (method, path, ask) => send(service.url, token, method, path, ask),
  };
}

export async function startWorld(
  options: Parameters<typeof startService>[0] = {},
): Promise<ApiWorld> {
  return worldOf(await startService({ gateways: 1, ...options }));
}

async function send(
  url: string,
  token: string | undefined,
  method: string,
  path: string,
  { body, headers = {} }: Ask = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path.startsWith("/") ? path : `/api/v1/${path}`}`, {
    method,
    headers: {
      ...token !== undefined && { authorization: `Bearer ${token}` },
      ...body !== undefined && { "content-type": "application/json" },
      ...headers,
    },
    ...body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
}
