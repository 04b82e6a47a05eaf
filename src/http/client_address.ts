import { findAddress, findNetwork, Networks } from "../kernel/networks.ts";

/** Proxies whose `X-Forwarded-For` counts. */
export type TrustedProxies = Networks<true>;

/** The proxies by the addresses and networks that name them. */
export function trustedProxies(names: readonly string[]): TrustedProxies {
  return new Networks(names.flatMap((name) => {
    const network = findNetwork(name);
    return network ? [[network, true] as const] : [];
  }));
}

/**
 * The address a request really comes from: the peer's, or the nearest one in `X-Forwarded-For` that is
 * no trusted proxy when the peer is one. Nobody else's word counts.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | null,
  trusted: TrustedProxies,
): string {
  const isTrusted = (address: string) => trusted.at(address).length > 0;
  const nearest = canonical(peer);
  if (forwardedFor === null || trusted.size === 0 || !isTrusted(nearest)) return nearest;
  const hops = forwardedFor.split(",").map(hopAddress).filter((hop) => hop !== "");
  return hops.findLast((hop) => !isTrusted(hop)) ?? nearest;
}

/** Only what has a colon has more than one spelling: IPv4 inside IPv6, and IPv6 itself. */
function canonical(address: string): string {
  return address.includes(":") ? findAddress(address) ?? address : address;
}

/** The address of a hop; some proxies add the port, and brackets then. */
function hopAddress(hop: string): string {
  const text = hop.trim();
  const [, bracketed, dotted] = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(text) ?? [];
  return canonical(bracketed ?? dotted ?? text);
}
