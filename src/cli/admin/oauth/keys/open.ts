import type { Pool } from "../../../../db/mod.ts";
import { SigningKeys } from "../../../../oauth/mod.ts";
import { deriveKey, loadMasterKey } from "../../../../vault/mod.ts";
import type { CliContext } from "../../../context.ts";

const DAY_MS = 86_400_000;

/** The signing keys, opened with the master key of this home. Throws `not_found` without one. */
export async function openSigningKeys(context: CliContext, sql: Pool): Promise<SigningKeys> {
  const { key } = await loadMasterKey({ home: context.home, env: context.env });
  const sealingKey = deriveKey(key, "oauth");
  return new SigningKeys({ sql, clock: context.clock, sealingKey, lifeMs: () => 30 * DAY_MS });
}
