import { AppError } from "../../../kernel/errors.ts";
import { deriveKey, loadMasterKey } from "../../../vault/mod.ts";
import type { CliContext } from "../../context.ts";

/**
 * The key that fingerprints in this home's audit are made with; where there is none yet a random one, so
 * that fingerprints of one run compare with each other and with nothing else.
 */
export async function fingerprintKey(context: CliContext): Promise<Uint8Array> {
  try {
    const { key } = await loadMasterKey({ home: context.home, env: context.env });
    return deriveKey(key, "fingerprint").reveal();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "not_found") throw error;
    context.out.note("This home has no master key yet: fingerprints hold for this run only.");
    return crypto.getRandomValues(new Uint8Array(32));
  }
}
