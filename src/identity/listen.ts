import { listen, type Listener } from "../db/mod.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import { REVOCATION_CHANNEL } from "./revocation_feed.ts";

/**
 * Milliseconds between proofs that revocations still arrive. A connection that died silently is noticed after
 * two of them, so that a revocation counts everywhere in under one second even then.
 */
const HEARTBEAT_MS = 300;

/** Keeps in memory what a revocation may void. */
export interface RevocationListener {
  /** `session:<id>`, `user:<id>` or `address:<ip>` has changed. */
  heard(subject: string): void;
  /** Changes are heard from now on; those before may have been missed. */
  listening(): void;
  /** Changes may be missed from now on. */
  deaf(): void;
}

/** Several keepers as one. */
export function together(keepers: readonly RevocationListener[]): RevocationListener {
  return {
    heard: (subject) => keepers.forEach((keeper) => keeper.heard(subject)),
    listening: () => keepers.forEach((keeper) => keeper.listening()),
    deaf: () => keepers.forEach((keeper) => keeper.deaf()),
  };
}

/** Lets `keeper` hear revocations. Stop the listener before the program ends. */
export function listenForRevocations(
  address: DatabaseAddress,
  keeper: RevocationListener,
  applicationName: string,
): Listener {
  const listener = listen(address, {
    channel: REVOCATION_CHANNEL,
    applicationName,
    heartbeatMs: HEARTBEAT_MS,
    onNotify: (subject) => keeper.heard(subject),
    onReconnect: () => keeper.listening(),
    onLost: () => keeper.deaf(),
  });
  void listener.ready.then(() => keeper.listening());
  return listener;
}
