import type { Sql } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { inTime } from "../kernel/in_time.ts";
import { findNetwork, Networks } from "../kernel/networks.ts";
import { listAddressBans } from "./ban_store.ts";
import { RevocationFeed } from "./revocation_feed.ts";

/** What is asked for bans, and how long it is trusted and waited for. */
export interface AddressBanOptions {
  readonly sql: Sql;
  readonly clock: Clock;
  /** Milliseconds that what was read counts while changes cannot be heard; 500 unless given. */
  readonly staleMs?: number;
  /** Milliseconds after which it counts as unknown; 1,500 unless given. */
  readonly deadlineMs?: number;
}

/** How often the bans are read again when they change under the question. */
const MAX_ROUNDS = 3;

/** The banned addresses and networks: all in memory, read again whenever the database tells of a change. */
export class AddressBans {
  readonly #options: AddressBanOptions;
  readonly #feed: RevocationFeed;
  /** When each ban ends, in monotonic milliseconds: steps of the clock neither end nor prolong one. */
  #bans = new Networks<number>([]);
  #readAt = -Infinity;
  #reading: Promise<void> | undefined;
  #isOutdated = true;

  constructor(options: AddressBanOptions) {
    this.#options = options;
    this.#feed = new RevocationFeed(options.clock.monotonic, options.staleMs ?? 500);
  }

  /** The hot path: whether the address is banned, without waiting; undefined when that has to be asked. */
  cached(address: string): boolean | undefined {
    return this.#isOutdated || !this.#feed.trusts(this.#readAt) ? undefined : this.#holds(address);
  }

  /** Whether the address is banned. Rejects when it cannot be found out in time. */
  async ask(address: string): Promise<boolean> {
    const { deadlineMs = 1500 } = this.#options;
    for (let round = 1; round <= MAX_ROUNDS; round++) {
      const known = this.cached(address);
      if (known !== undefined) return known;
      await inTime(this.#refresh(), deadlineMs, "The bans cannot be read");
    }
    // Still changing: what was read last is true of its moment.
    return this.#holds(address);
  }

  /** A revocation: `address:<ip>` is ours. */
  heard(subject: string): void {
    if (subject.startsWith("address:")) this.#outdate();
  }

  /** Changes are heard from now on; those before may have been missed. */
  listening(): void {
    this.#feed.up();
    this.#outdate();
  }

  /** Changes may be missed from now on. */
  deaf(): void {
    this.#feed.down();
  }

  #holds(address: string): boolean {
    if (this.#bans.size === 0) return false;
    const now = this.#options.clock.monotonic();
    return this.#bans.at(address).some((endsAt) => endsAt > now);
  }

  /** Reads at once rather than with the next call: whoever fails now asks again then. */
  #outdate(): void {
    this.#isOutdated = true;
    void this.#refresh().catch(() => undefined);
  }

  #refresh(): Promise<void> {
    return this.#reading ??= this.#read().finally(() => this.#reading = undefined);
  }

  async #read(): Promise<void> {
    this.#isOutdated = false;
    const readAt = this.#options.clock.monotonic();
    try {
      const bans = await listAddressBans(this.#options.sql);
      const now = this.#options.clock.monotonic();
      this.#bans = new Networks(bans.flatMap(({ subject, remainingMs }) => {
        const network = findNetwork(subject);
        return network ? [[network, now + (remainingMs ?? Infinity)] as const] : [];
      }));
      this.#readAt = readAt;
    } catch (error) {
      this.#isOutdated = true;
      throw error;
    }
  }
}
