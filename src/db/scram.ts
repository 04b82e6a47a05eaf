import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

const ROUNDS = 4096;

/**
 * A password as PostgreSQL stores it (RFC 5803): a statement that carries this instead of the password
 * gives nothing away to the server's log.
 */
export function scramVerifier(password: string, salt: Uint8Array): string {
  const salted = pbkdf2Sync(password, salt, ROUNDS, 32, "sha256");
  const keyed = (text: string) => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(keyed("Client Key")).digest("base64");
  const serverKey = keyed("Server Key").toString("base64");
  return `SCRAM-SHA-256$${ROUNDS}:${salt.toBase64()}$${storedKey}:${serverKey}`;
}
