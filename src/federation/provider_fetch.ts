import { joinBytes } from "../kernel/bytes.ts";
import { endpointOf } from "../egress/mod.ts";
import { AppError } from "../kernel/errors.ts";

const MAX_BYTES = 256 * 1024;

/** What requests to one provider are held to. */
export interface ProviderFetchOptions {
  /** `host:port` that may be asked. */
  readonly endpoints: readonly string[];
  /** Its own where an authority of the operator's is trusted. */
  readonly client: Deno.HttpClient | undefined;
  /** Ends everything that is under way. */
  readonly signal: AbortSignal;
}

/** A request, as the library makes it. */
export interface ProviderRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: URLSearchParams | undefined;
}

/** Sends one. */
export type ProviderFetch = (url: string, request: ProviderRequest) => Promise<Response>;

/** `fetch` for a provider: the hosts of its configuration alone, no redirects, bounded in bytes and time. */
export function createProviderFetch(
  { endpoints, client, signal }: ProviderFetchOptions,
): ProviderFetch {
  return async (url, { method, headers, body = null }) => {
    refuseOtherHost(url, endpoints);
    const response = await fetch(url, {
      ...{ method, headers, body, signal },
      redirect: "manual",
      ...client && { client },
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new AppError("unavailable", `"${new URL(url).host}" answers with a redirect`);
    }
    const answer = await readBody(response);
    // Without the fields that speak of what was on the wire.
    const type = response.headers.get("content-type") ?? "";
    const challenge = response.headers.get("www-authenticate");
    return new Response(response.status === 204 ? null : answer, {
      status: response.status,
      headers: { "content-type": type, ...challenge !== null && { "www-authenticate": challenge } },
    });
  };
}

function refuseOtherHost(text: string, endpoints: readonly string[]): void {
  const endpoint = endpointOf(new URL(text));
  if (endpoints.includes(endpoint)) return;
  throw new AppError("invalid", `The provider has an endpoint at "${endpoint}"`, {
    hint: `Name the host in the provider's "hosts" in services/identity/config.yaml.`,
  });
}

async function readBody(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new AppError("too_large", "The provider's answer is too large");
    chunks.push(chunk);
  }
  return joinBytes(chunks, size);
}
