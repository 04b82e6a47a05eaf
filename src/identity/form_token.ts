import { createHmac, timingSafeEqual } from "node:crypto";

/** Name of the field that each form carries its token in. */
export const TOKEN_FIELD = "form_token";

/** What a form of this browser carries: nobody can make it who does not hold the browser's cookie. */
export function formToken(key: string): string {
  return createHmac("sha256", key).update("spgov form").digest("base64url");
}

/** Whether a form was made for this browser. */
export function isFormToken(key: string, given: string): boolean {
  const expected = new TextEncoder().encode(formToken(key));
  const bytes = new TextEncoder().encode(given);
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}
