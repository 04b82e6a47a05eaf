const PROXY = /^(?:https?|all|no)_proxy$/i;

/**
 * `fetch` that goes straight to the appliance. The runtime takes proxies from the environment without being
 * asked: one of them would get to see the token, and cannot reach a loopback address of ours anyway.
 */
export async function fetchDirect(url: string | URL, init: RequestInit = {}): Promise<Response> {
  using client = createDirectClient();
  const response = await fetch(url, { ...init, client });
  const { status, headers } = response;
  return new Response(await response.bytes(), { status, headers });
}

/** A client that goes straight to the appliance and keeps no connection: each call may meet another gateway. */
export function createDirectClient(): Deno.HttpClient {
  for (const name of Object.keys(Deno.env.toObject())) if (PROXY.test(name)) Deno.env.delete(name);
  return Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
}
