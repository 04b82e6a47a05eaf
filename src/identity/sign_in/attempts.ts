import { hash } from "node:crypto";
import type { Sql } from "../../db/mod.ts";
import {
  type AttemptLimit,
  countAttempt,
  forgetAttempts,
  takeBackAttempt,
  waitOf,
} from "./attempt_store.ts";

/** Somebody who guesses from one place at one name waits soon and long. */
const PAIR: AttemptLimit = { free: 5, firstMs: 2000, longestMs: 900_000 };
/**
 * Whoever guesses at one name from many places is slowed to a guess a minute. No more: the wait hits the
 * user as well, who must not be locked out by others. Passkeys and links do not wait for it.
 */
const LOGIN: AttemptLimit = { free: 20, firstMs: 1000, longestMs: 60_000 };
/** Many people may share an address. */
const ADDRESS: AttemptLimit = { free: 50, firstMs: 2000, longestMs: 900_000 };

/** What an attempt to sign in is about. */
export interface Attempt {
  /** Network of the client: one address, or the /64 of IPv6. */
  readonly network: string;
  /** As typed; undefined for a passkey or a link. */
  readonly login: string | undefined;
}

/** Counts an attempt. Milliseconds to wait when it may not be made; undefined when it may. */
export async function admitAttempt(sql: Sql, attempt: Attempt): Promise<number | undefined> {
  // In this order, and no further than the first that has to wait: who is held back cannot hold back others.
  for (const [subject, limit] of subjectsOf(attempt)) {
    if (!await countAttempt(sql, subject, limit)) return await waitOf(sql, subject);
  }
  return undefined;
}

/** An attempt that succeeded: the name is free of guesses, the address has one less. */
export async function settleAttempt(sql: Sql, attempt: Attempt): Promise<void> {
  const [address, ...names] = subjectsOf(attempt).map(([subject]) => subject);
  if (address !== undefined) await takeBackAttempt(sql, address);
  if (names.length > 0) await forgetAttempts(sql, names);
}

function subjectsOf({ network, login }: Attempt): readonly (readonly [string, AttemptLimit])[] {
  const address = [`address:${network}`, ADDRESS] as const;
  if (login === undefined) return [address];
  // Hashed: people type passwords into the wrong field.
  const name = hash("sha256", login.trim().toLowerCase().normalize("NFKC"));
  return [address, [`pair:${network} ${name}`, PAIR], [`login:${name}`, LOGIN]];
}
