import type { GrantAnswer } from "../../../egress/mod.ts";
import { problem } from "../../errors.ts";

/** Any page may read what anybody may read, and exchange what only a client has. */
export const CORS = { "access-control-allow-origin": "*" } as const;

/** A request to a host name that is not ours. */
export function misdirected(): Response {
  return problem("invalid", "This host name is not one of this service (server.public_url)");
}

/** What egress answered, as a response that pages of other origins may read. */
export function respond({ status, body, headers }: GrantAnswer): Response {
  const all = { ...CORS, ...headers };
  return body === undefined
    ? new Response(null, { status, headers: all })
    : new Response(JSON.stringify(body), {
      status,
      headers: { ...all, "content-type": "application/json" },
    });
}

/** An error in the protocol's form. */
export function refuse(status: number, error: string, description: string): Response {
  return respond({
    status,
    body: { error, error_description: description },
    headers: { "cache-control": "no-store" },
  });
}

/** The refusal of an address that asked too often in this minute. */
export function tooMany(): Response {
  return respond({
    status: 429,
    body: { error: "temporarily_unavailable", error_description: "Too many requests" },
    headers: { "cache-control": "no-store", "retry-after": "60" },
  });
}

/** The answer to a browser that asks whether a page of another origin may send such a request. */
export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...CORS,
      "access-control-allow-methods": "GET, POST, PUT, DELETE",
      "access-control-allow-headers": "authorization, content-type, mcp-protocol-version",
      "access-control-max-age": "600",
    },
  });
}

/** What an address is answered before anything else is looked at; undefined when it may go on. */
export async function refuseAddress(
  isBanned: (address: string) => Promise<boolean>,
  address: string,
): Promise<Response | undefined> {
  try {
    return await isBanned(address)
      ? refuse(403, "access_denied", "The client's address is banned")
      : undefined;
  } catch {
    return unavailable();
  }
}

/** The answer while what a grant rests on cannot be reached. */
export function unavailable(): Response {
  return respond({
    status: 503,
    body: { error: "temporarily_unavailable", error_description: "Try again in a moment" },
    headers: { "cache-control": "no-store", "retry-after": "2" },
  });
}
