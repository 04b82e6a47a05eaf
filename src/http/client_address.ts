/**
 * The address a request really comes from: the peer's, or the nearest one in `X-Forwarded-For` that is
 * no trusted proxy when the peer is one. Nobody else's word counts.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | null,
  trusted: ReadonlySet<string>,
): string {
  if (forwardedFor === null || !trusted.has(peer)) return peer;
  const hops = forwardedFor.split(",").map((hop) => hop.trim()).filter((hop) => hop !== "");
  return hops.findLast((hop) => !trusted.has(hop)) ?? peer;
}
