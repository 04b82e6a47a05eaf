import { SignJWT } from "jose";
import type { AccessClaims } from "./access_token.ts";
import type { TokenHolder } from "./holder_store.ts";
import { ALGORITHM, type SigningKey } from "./signing_keys.ts";

/** Who signed in, for the client alone (OpenID Connect Core §2). */
export async function signIdToken(
  { kid, key }: SigningKey,
  access: AccessClaims,
  holder: TokenHolder,
  nonce: string | undefined,
): Promise<string> {
  const { iss, sub, client_id, iat, exp, auth_time } = access;
  const claims = {
    ...{ iss, sub, aud: client_id, iat, exp, auth_time },
    ...nonce !== undefined && { nonce },
    ...personClaims(holder, access.scope.split(" ")),
  };
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, typ: "JWT", kid })
    .sign(key);
}

/** What the scopes let a client know of the person. */
export function personClaims(
  { name, email }: Pick<TokenHolder, "name" | "email">,
  scopes: readonly string[],
): Readonly<Record<string, string>> {
  return {
    ...scopes.includes("profile") && { name },
    ...scopes.includes("email") && { email },
  };
}
