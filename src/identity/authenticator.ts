import type { Sql } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { type Authenticated, type AuthFailure, authFailure, judge } from "./authenticated.ts";
import { Lookups } from "./lookups.ts";
import { RevocationFeed } from "./revocation_feed.ts";
import { isApiKey } from "./api_key_text.ts";
import { verifyApiKey } from "./api_key_check.ts";
import { findStanding, type Standing } from "./standing_store.ts";
import { subjectsOf, TokenCache, tokenHash } from "./token_cache.ts";
import {
  type Audience,
  failure,
  MAX_TOKEN_LENGTH,
  screenToken,
  timeProblem,
  type TokenClaims,
  type VerifyResult,
} from "./token_claims.ts";
import { LEEWAY_S } from "./tokens.ts";

/** What an authenticator asks, and how long it trusts and waits. */
export interface AuthenticatorOptions {
  /** Checks signature and claims; asks the isolate that holds the key. */
  readonly verify: (token: string, audience: Audience) => Promise<VerifyResult>;
  /** What the database has against a token; its session, unless given. */
  readonly findStanding?: (sql: Sql, claims: TokenClaims) => Promise<Standing | undefined>;
  readonly sql: Sql;
  readonly clock: Clock;
  /** Seconds of leeway on times; 60 unless given. */
  readonly leewayS?: number;
  /** Tokens kept; 10,000 unless given. */
  readonly capacity?: number;
  /** Milliseconds that a token counts without asking again while revocations cannot be heard; 500 unless given. */
  readonly staleMs?: number;
  /** Milliseconds after which the answer is `unavailable`; 1,500 unless given. */
  readonly deadlineMs?: number;
}

/** A token that is being checked; `changed`: something of it changed meanwhile. */
interface Check {
  readonly subjects: readonly string[];
  changed: boolean;
}

/** How often a token is asked about again when it changes under the question. */
const MAX_ROUNDS = 3;

/**
 * Says who holds a token: verified once, then kept until it ends or is revoked. Wire `heard`, `listening`
 * and `deaf` to the channel `spgov_revocations`; until then each token is asked about every `staleMs`.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #leewayS: number;
  readonly #cache: TokenCache;
  readonly #feed: RevocationFeed;
  readonly #lookups: Lookups;
  readonly #checks = new Set<Check>();

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#leewayS = options.leewayS ?? LEEWAY_S;
    this.#cache = new TokenCache(options.capacity ?? 10_000);
    this.#lookups = new Lookups(options.deadlineMs ?? 1500);
    this.#feed = new RevocationFeed(options.clock.monotonic, options.staleMs ?? 500);
  }

  /** Tokens in memory. */
  get size(): number {
    return this.#cache.size;
  }

  /** The hot path: the holder of a token that was verified before and still counts, without waiting. */
  cached(token: string | undefined, audience: Audience): Authenticated | undefined {
    if (token === undefined || token.length > MAX_TOKEN_LENGTH) return undefined;
    const known = this.#cache.get(cacheKey(token, audience));
    if (!known || known.who.audience !== audience) return undefined;
    const now = this.#options.clock.now();
    const counts = timeProblem(known.claims, now, this.#leewayS) === undefined &&
      now < known.who.expiresAt + this.#leewayS * 1000 && this.#feed.trusts(known.checkedAt);
    return counts ? known.who : undefined;
  }

  /** The holder of a token, or why there is none. Never throws, and answers within the deadline. */
  async authenticate(
    token: string | undefined,
    audience: Audience,
  ): Promise<Authenticated | AuthFailure> {
    const known = this.cached(token, audience);
    if (known) return known;
    const problem = token !== undefined && isApiKey(token) ? undefined : screenToken(token);
    if (problem || token === undefined) return authFailure(problem ?? failure("missing_token"));
    const key = cacheKey(token, audience);
    return await this.#lookups.join(
      `${audience}:${key}`,
      () => this.#establish(key, token, audience),
    );
  }

  /**
   * A revocation: `session:<id>` or `user:<id>`. What happens to departments, groups and devices is rare and may
   * concern anybody: everything is asked about again.
   */
  heard(subject: string): void {
    if (/^(?:department|group|device):/.test(subject)) {
      this.#cache.clear();
      return this.#markAll();
    }
    this.#cache.deleteSubject(subject);
    for (const check of this.#checks) {
      if (check.subjects.includes(subject)) check.changed = true;
    }
  }

  /** Revocations are heard from now on. What was read before is asked about again. */
  listening(): void {
    this.#feed.up();
    this.#markAll();
  }

  /** Revocations may be missed from now on. */
  deaf(): void {
    this.#feed.down();
    this.#markAll();
  }

  async #establish(
    key: string,
    token: string,
    audience: Audience,
  ): Promise<Authenticated | AuthFailure> {
    const verified = await this.#verify(key, token, audience);
    if (!verified.ok) {
      if (verified.claims?.aud === audience) this.#cache.delete(key);
      return authFailure(verified.failure, verified.claims);
    }
    const answer = await this.#ask(verified.claims, key);
    if (!answer.ok) this.#cache.delete(key);
    return answer;
  }

  /** The signature of a token in memory is known to be good: only its times are looked at again. */
  async #verify(key: string, token: string, audience: Audience): Promise<VerifyResult> {
    const claims = this.#cache.get(key)?.claims;
    if (claims?.aud !== audience) return await this.#verifyAnew(token, audience);
    const rule = timeProblem(claims, this.#options.clock.now(), this.#leewayS);
    return rule ? { ok: false, failure: failure(rule), claims } : { ok: true, claims };
  }

  async #verifyAnew(token: string, audience: Audience): Promise<VerifyResult> {
    const { sql, clock, verify } = this.#options;
    return isApiKey(token)
      ? await verifyApiKey(sql, clock, token, audience)
      : await verify(token, audience);
  }

  async #ask(claims: TokenClaims, key: string): Promise<Authenticated | AuthFailure> {
    for (let round = 1;; round++) {
      const check: Check = { subjects: subjectsOf(claims), changed: false };
      const checkedAt = this.#options.clock.monotonic();
      // Changes are noted until the answer is kept: nothing may be heard between the two.
      this.#checks.add(check);
      try {
        const answer = await this.#read(claims);
        if (!check.changed && answer.ok) this.#cache.set(key, { claims, who: answer, checkedAt });
        // Still changing: the last answer is true of its moment, but nothing to keep.
        if (!check.changed || round === MAX_ROUNDS) return answer;
      } finally {
        this.#checks.delete(check);
      }
    }
  }

  async #read(claims: TokenClaims): Promise<Authenticated | AuthFailure> {
    const { sql, findStanding: find = (sql, { sid }) => findStanding(sql, sid) } = this.#options;
    const standing = await find(sql, claims);
    return judge(claims, standing, this.#options.clock.now(), this.#leewayS);
  }

  #markAll(): void {
    for (const check of this.#checks) check.changed = true;
  }
}

/** A token is good for one audience; a key may be for several, each an answer of its own. */
function cacheKey(token: string, audience: Audience): string {
  const hash = tokenHash(token);
  return isApiKey(token) ? `${audience}:${hash}` : hash;
}
