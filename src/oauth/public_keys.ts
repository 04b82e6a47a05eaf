import { importJWK } from "jose";
import type { PublicJwk } from "../egress/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { ALGORITHM } from "./signing_keys.ts";

export interface PublicKeysOptions {
  /** Asks the isolate that holds the keys. */
  readonly load: () => Promise<readonly PublicJwk[]>;
  readonly clock: Clock;
}

/** Unknown names may make us ask again this often, in milliseconds: anybody can invent names. */
const UNKNOWN_MS = 5000;
/** What is kept is looked at again after this long, in milliseconds, even if nobody said that it changed. */
const STALE_MS = 60_000;

/** The keys that tokens verify with, kept where tokens are verified. */
export class PublicKeys {
  readonly #options: PublicKeysOptions;
  #jwks: readonly PublicJwk[] = [];
  #keys: ReadonlyMap<string, CryptoKey> = new Map();
  #loadedAt = -Infinity;
  #askedAt = -Infinity;
  #loading: Promise<void> | undefined;
  /** Grows with every change: what was asked for before one is not kept. */
  #round = 0;

  constructor(options: PublicKeysOptions) {
    this.#options = options;
  }

  /** The key of this name; undefined where there is none. Rejects when that cannot be found out. */
  async find(kid: string): Promise<CryptoKey | undefined> {
    const now = this.#options.clock.monotonic();
    if (now - this.#loadedAt > STALE_MS) await this.refresh();
    const known = this.#keys.get(kid);
    if (known || now - this.#askedAt < UNKNOWN_MS) return known;
    this.#askedAt = now;
    await this.refresh();
    return this.#keys.get(kid);
  }

  /** The key set as it is published. */
  async list(): Promise<readonly PublicJwk[]> {
    const now = this.#options.clock.monotonic();
    if (now - this.#loadedAt > STALE_MS) await this.refresh();
    return this.#jwks;
  }

  /** The keys changed, or may have: what is kept, or being asked for, counts no more. */
  outdate(): void {
    this.#round++;
    this.#loadedAt = -Infinity;
    this.#loading = undefined;
  }

  /** Asks now. Who asks meanwhile shares the answer. */
  async refresh(): Promise<void> {
    this.#loading ??= this.#load(this.#round);
    await this.#loading;
  }

  async #load(round: number): Promise<void> {
    const startedAt = this.#options.clock.monotonic();
    try {
      const jwks = await this.#options.load();
      const entries = jwks.map(async (jwk) =>
        [jwk.kid, await importJWK({ ...jwk }, ALGORITHM) as CryptoKey] as const
      );
      const keys = new Map(await Promise.all(entries));
      if (round !== this.#round) return;
      this.#keys = keys;
      this.#jwks = jwks;
      this.#loadedAt = startedAt;
    } finally {
      if (round === this.#round) this.#loading = undefined;
    }
  }
}
