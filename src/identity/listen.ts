import { listen, type Listener } from "../db/mod.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import type { Authenticator } from "./authenticator.ts";
import { REVOCATION_CHANNEL } from "./revocation_feed.ts";

/**
 * Milliseconds between proofs that revocations still arrive. A connection that died silently is noticed after
 * two of them, so that a revocation counts everywhere in under one second even then.
 */
const HEARTBEAT_MS = 300;

/** Lets the authenticator hear revocations. Stop the listener before the program ends. */
export function listenForRevocations(
  address: DatabaseAddress,
  authenticator: Authenticator,
  applicationName: string,
): Listener {
  const listener = listen(address, {
    channel: REVOCATION_CHANNEL,
    applicationName,
    heartbeatMs: HEARTBEAT_MS,
    onNotify: (subject) => authenticator.heard(subject),
    onReconnect: () => authenticator.listening(),
    onLost: () => authenticator.deaf(),
  });
  void listener.ready.then(() => authenticator.listening());
  return listener;
}
