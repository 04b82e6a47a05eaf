import type { Sql } from "../../db/mod.ts";

/** What a challenge is for. */
export type ChallengePurpose = "sign_in" | "register";

/** Who may answer a challenge, and for what. */
export interface ChallengeHolder {
  readonly purpose: ChallengePurpose;
  /** SHA-256 of the browser's cookie. */
  readonly holder: Uint8Array;
}

/** Stores a challenge for five minutes. */
export async function insertChallenge(
  sql: Sql,
  challenge: string,
  { purpose, holder }: ChallengeHolder,
): Promise<void> {
  await sql`
    insert into passkey_challenges (challenge, purpose, holder, expires_at)
    values (${challenge}, ${purpose}, ${holder}, clock_timestamp() + interval '5 minutes')
  `;
}

/** Takes a challenge: false unless it is this holder's, for this, and in time. It is good for one answer. */
export async function takeChallenge(
  sql: Sql,
  challenge: string,
  { purpose, holder }: ChallengeHolder,
): Promise<boolean> {
  const { count } = await sql`
    delete from passkey_challenges
     where challenge = ${challenge} and purpose = ${purpose} and holder = ${holder}
       and expires_at > clock_timestamp()
  `;
  return count === 1;
}

/** Forgets challenges that nobody answered in time. */
export async function deleteExpiredChallenges(sql: Sql): Promise<void> {
  await sql`delete from passkey_challenges where expires_at < clock_timestamp()`;
}
