import type { Sql } from "../../db/mod.ts";
import { type ChallengeHolder, takeChallenge } from "./challenge_store.ts";

/** Says whether a challenge is the one expected, and takes it. */
export type ExpectedChallenge = (challenge: string) => Promise<boolean>;

/**
 * What the library makes of an answer; undefined where it refuses, which it does by throwing. What the
 * database throws is no refusal and is thrown on.
 */
export async function checkAnswer<T>(
  sql: Sql,
  holder: ChallengeHolder,
  check: (expected: ExpectedChallenge) => Promise<T>,
): Promise<T | undefined> {
  let failure: unknown;
  const expected: ExpectedChallenge = async (challenge) => {
    try {
      return await takeChallenge(sql, challenge, holder);
    } catch (error) {
      failure = error;
      return false;
    }
  };
  const checked = await check(expected).catch(() => undefined);
  if (failure !== undefined) throw failure;
  return checked;
}
