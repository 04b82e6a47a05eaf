/** The channel on which the database tells that a session, a user or a ban changed. */
export const REVOCATION_CHANNEL = "spgov_revocations";

/** Whether what was read from the database some time ago still counts. */
export class RevocationFeed {
  readonly #monotonic: () => number;
  readonly #staleMs: number;
  #upSince: number | undefined;

  /** `staleMs`: for how long a read counts while nobody would tell us of a change. */
  constructor(monotonic: () => number, staleMs: number) {
    this.#monotonic = monotonic;
    this.#staleMs = staleMs;
  }

  /** Changes are heard from now on; those before may have been missed. */
  up(): void {
    this.#upSince = this.#monotonic();
  }

  /** Changes may be missed from now on. */
  down(): void {
    this.#upSince = undefined;
  }

  /** Whether a read that began at `checkedAt` (monotonic milliseconds) still counts. */
  trusts(checkedAt: number): boolean {
    if (this.#upSince !== undefined) return checkedAt >= this.#upSince;
    return this.#monotonic() - checkedAt <= this.#staleMs;
  }
}
