import { listenGuarded } from "./guarded_listener.ts";
import {
  type Handler,
  isLoopback,
  type Listener,
  type ListenOptions,
  listenPlain,
} from "./listen.ts";

/** Listens with the kind that the address needs: guarded wherever others than this host can reach it. */
export async function listenOn(
  options: ListenOptions & {
    readonly kind: "auto" | "guarded" | "plain";
    readonly maxConnections: number;
  },
  handle: Handler,
): Promise<Listener> {
  const plain = options.kind === "plain" ||
    (options.kind === "auto" && isLoopback(options.address));
  return plain ? listenPlain(options, handle) : await listenGuarded(options, handle);
}
