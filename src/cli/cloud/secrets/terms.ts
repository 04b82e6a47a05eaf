import type { SecretTerms } from "../../../vault/mod.ts";
import type { TermFlags } from "./flags.ts";

/** What the flags say about who may get a secret and until when; what they do not say stays. */
export function termsOf({ server, expires }: TermFlags): SecretTerms {
  return {
    ...server !== undefined && server.length > 0 && { servers: server },
    ...expires !== undefined && { expiresAt: expires === "never" ? null : expires },
  };
}
