import { clientAddress, type TrustedProxies } from "./client_address.ts";
import type { Environment } from "./routes.ts";

export interface ListenOptions {
  readonly address: string;
  readonly port: number;
  readonly trustedProxies: TrustedProxies;
}

/** A request handler. */
export type Handler = (
  request: Request,
  env: Environment["Bindings"],
) => Response | Promise<Response>;

export interface Listener {
  readonly port: number;
  /** Stops accepting, lets what is under way finish. */
  close(): Promise<void>;
}

/**
 * The fast listener. It never closes a slow or idle connection, so it is for loopback only; see
 * `guarded_listener.ts` for what others can reach.
 */
export function listenPlain(options: ListenOptions, handle: Handler): Listener {
  const server = Deno.serve({
    hostname: options.address,
    port: options.port,
    reusePort: true,
    onListen: () => {},
  }, (request, info) => {
    const { trustedProxies } = options;
    const peer = info.remoteAddr.hostname;
    const forwarded = trustedProxies.size > 0 ? request.headers.get("x-forwarded-for") : null;
    return handle(request, {
      address: clientAddress(peer, forwarded, trustedProxies),
      onGone: (callback) => request.signal.addEventListener("abort", callback, { once: true }),
    });
  });
  return { port: server.addr.port, close: () => server.shutdown() };
}

/** Whether an address can be reached from this host only. */
export function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || /^127(\.\d{1,3}){3}$/.test(address);
}
