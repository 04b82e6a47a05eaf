import { hash } from "node:crypto";
import type { Sql } from "../db/mod.ts";
import { canonicalJson } from "../kernel/canonical_json.ts";
import { randomBytes } from "../kernel/ids.ts";
import { insertPersonalDetails } from "./personal_store.ts";

/**
 * What a row of the audit says about somebody beyond an id. The row holds its hash with a random salt, the rest
 * stands beside the audit: erased, the row says nothing any more, and it still verifies.
 */
export interface PersonalDetail {
  /** 64 hexadecimal digits, as they stand in the row. */
  readonly commitment: string;
  readonly userId: string;
  /** Hexadecimal. */
  readonly salt: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Commits to `detail` about the user. */
export function sealPersonal(
  userId: string,
  detail: Readonly<Record<string, unknown>>,
): PersonalDetail {
  const salt = randomBytes(16).toHex();
  return { commitment: commit(salt, detail), userId, salt, detail };
}

/** Whether this is what the row with that commitment said. */
export function isGenuine({ commitment, salt, detail }: PersonalDetail): boolean {
  return commit(salt, detail) === commitment;
}

/** Keeps what the rows commit to, in the transaction that writes them. */
export async function keepPersonal(sql: Sql, details: readonly PersonalDetail[]): Promise<void> {
  if (details.length > 0) await insertPersonalDetails(sql, details);
}

function commit(salt: string, detail: Readonly<Record<string, unknown>>): string {
  return hash("sha256", `${salt}\n${canonicalJson(detail)}`, "hex");
}
