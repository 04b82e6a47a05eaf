import { deriveKey, issuerOf, loadMasterKey } from "../../../vault/mod.ts";
import type { CliContext } from "../../context.ts";

/** What issues and checks tokens in this home. */
export interface TokenKeys {
  readonly key: Uint8Array;
  readonly issuer: string;
}

/** Reads the master key of this home. Throws `not_found` when there is none yet. */
export async function loadTokenKeys({ home, env }: CliContext): Promise<TokenKeys> {
  const { key } = await loadMasterKey({ home, env });
  return { key: deriveKey(key, "token").reveal(), issuer: issuerOf(key) };
}
