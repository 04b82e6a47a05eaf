import { createHash } from "node:crypto";
import type { Authenticated } from "./authenticated.ts";
import type { TokenClaims } from "./token_claims.ts";

/** A token that was verified. */
export interface CachedToken {
  readonly claims: TokenClaims;
  readonly who: Authenticated;
  /** Monotonic milliseconds at which the database was asked about it. */
  readonly checkedAt: number;
}

/** SHA-256 of a token: tokens themselves are not kept. */
export function tokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Verified tokens by their hash, at most `capacity`; the oldest makes room. */
export class TokenCache {
  readonly #capacity: number;
  readonly #tokens = new Map<string, CachedToken>();
  /** Hashes by `session:<id>` and `user:<id>`: what a revocation names. */
  readonly #bySubject = new Map<string, Set<string>>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#tokens.size;
  }

  get(key: string): CachedToken | undefined {
    return this.#tokens.get(key);
  }

  set(key: string, token: CachedToken): void {
    this.delete(key);
    if (this.#tokens.size >= this.#capacity) this.#deleteOldest();
    this.#tokens.set(key, token);
    for (const subject of subjectsOf(token.claims)) {
      const keys = this.#bySubject.get(subject);
      if (keys) keys.add(key);
      else this.#bySubject.set(subject, new Set([key]));
    }
  }

  delete(key: string): void {
    const token = this.#tokens.get(key);
    if (!token) return;
    this.#tokens.delete(key);
    for (const subject of subjectsOf(token.claims)) {
      const keys = this.#bySubject.get(subject);
      keys?.delete(key);
      if (keys?.size === 0) this.#bySubject.delete(subject);
    }
  }

  /** Forgets every token of `session:<id>` or `user:<id>`. */
  deleteSubject(subject: string): void {
    for (const key of [...this.#bySubject.get(subject) ?? []]) this.delete(key);
  }

  clear(): void {
    this.#tokens.clear();
    this.#bySubject.clear();
  }

  #deleteOldest(): void {
    const [oldest] = this.#tokens.keys();
    if (oldest !== undefined) this.delete(oldest);
  }
}

/** What a revocation may name of a token. */
export function subjectsOf({ sid, sub }: TokenClaims): readonly [string, string] {
  return [`session:${sid}`, `user:${sub}`];
}
