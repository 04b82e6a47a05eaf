import { createHash, timingSafeEqual } from "node:crypto";

/** The one method there is: `plain` would show the verifier to whoever sees the request. */
export const CHALLENGE_METHOD = "S256";

/** Base64url of a SHA-256. */
const CHALLENGE = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/** Whether `text` can be the hash of a verifier (RFC 7636). */
export function isChallenge(text: string): boolean {
  return CHALLENGE.test(text);
}

/** Whether `verifier` is what `challenge` was made of. */
export function verifierFits(verifier: string | undefined, challenge: string): boolean {
  if (verifier === undefined || !VERIFIER.test(verifier)) return false;
  const made = createHash("sha256").update(verifier).digest("base64url");
  return made.length === challenge.length &&
    timingSafeEqual(new TextEncoder().encode(made), new TextEncoder().encode(challenge));
}
