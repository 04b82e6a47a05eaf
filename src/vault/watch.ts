import type { Listener, Pool } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { SecretFacts } from "./secret.ts";
import { listSecrets } from "./secret_store.ts";

/** The channel on which the database tells that a secret changed. */
export const SECRETS_CHANNEL = "spgov_secrets";
/** Announcements and expiries may be missed for this long at most. */
const LONGEST_WAIT_MS = 3_600_000;
const RETRY_MS = 5000;

export interface WatchOptions {
  /** Listens to `SECRETS_CHANNEL`; calls for each announcement, and when some may have been missed. */
  readonly listen: (heard: () => void) => Listener;
  /** With the role `spgov_vault`. */
  readonly sql: Pool;
  readonly clock: Clock;
  readonly log: Log;
  /** Names of secrets that have another value, other servers, or are gone or expired. */
  readonly onChange: (names: readonly string[]) => void;
}

/**
 * Tells whoever handed out values when one of them does not hold any more. An announcement only says that
 * it is time to look: what changed is what differs from the last look, so that nothing is lost with a
 * connection.
 */
export class SecretWatch {
  readonly #options: WatchOptions;
  readonly #listener: Listener;
  #known: ReadonlyMap<string, string> | undefined;
  #looking: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#listener = options.listen(() => this.#lookSoon());
    void this.#listener.ready.then(() => this.#lookSoon());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#listener.stop();
    await this.#looking;
  }

  #lookSoon(): void {
    this.#looking = this.#looking.then(() => this.#look());
  }

  async #look(): Promise<void> {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    let waitMs = RETRY_MS;
    try {
      const secrets = await listSecrets(this.#options.sql);
      const now = this.#options.clock.now();
      this.#compare(digestsOf(secrets, now));
      waitMs = untilExpiry(secrets, now);
    } catch (error) {
      this.#options.log.warn("Cannot see whether secrets changed", { cause: messageOf(error) });
    }
    if (!this.#stopped) this.#timer = setTimeout(() => this.#lookSoon(), waitMs);
  }

  #compare(next: ReadonlyMap<string, string>): void {
    const known = this.#known;
    this.#known = next;
    if (!known) return;
    const names = new Set([...known.keys(), ...next.keys()]);
    const changed = [...names].filter((name) => known.get(name) !== next.get(name));
    if (changed.length > 0) this.#options.onChange(changed);
  }
}

/** By name, everything that decides who gets which value. */
function digestsOf(secrets: readonly SecretFacts[], now: number): Map<string, string> {
  const digests = new Map<string, string>();
  for (const { name, owner, servers, expiresAt, rotatedAt } of secrets) {
    const isOver = expiresAt !== null && expiresAt.getTime() <= now;
    const digest = JSON.stringify([owner, servers, rotatedAt, isOver]);
    digests.set(name, `${digests.get(name) ?? ""}${digest}`);
  }
  return digests;
}

function untilExpiry(secrets: readonly SecretFacts[], now: number): number {
  const waits = secrets.map(({ expiresAt }) => (expiresAt?.getTime() ?? 0) - now)
    .filter((wait) => wait > 0);
  return Math.min(LONGEST_WAIT_MS, ...waits);
}
