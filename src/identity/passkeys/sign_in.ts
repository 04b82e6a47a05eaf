import type { Sql } from "../../db/mod.ts";
import type { BrowserOrigin } from "../browser_session_store.ts";
import { type Proof, signIn, type SignInContext, type SignInResult } from "../sign_in/mod.ts";
import { getUser } from "../users.ts";
import { checkAnswer } from "./answer.ts";
import { insertChallenge } from "./challenge_store.ts";
import type { PasskeyHost } from "./host.ts";
import type { AssertionResponse } from "./response.ts";
import { countUse, findPasskey, type Passkey } from "./store.ts";

/** Where somebody signs in, and whose browser may answer. */
export interface PasskeySignIn {
  readonly host: PasskeyHost;
  /** SHA-256 of the browser's cookie. */
  readonly holder: Uint8Array;
}

/** Options for `navigator.credentials.get()`, as JSON: any passkey of this host, with a challenge good for one answer. */
export async function beginPasskeySignIn(
  sql: Sql,
  { host, holder }: PasskeySignIn,
): Promise<object> {
  const { generateAuthenticationOptions } = await import("./ceremony.ts");
  const options = await generateAuthenticationOptions({
    rpID: host.host,
    userVerification: "required",
  });
  await insertChallenge(sql, options.challenge, { purpose: "sign_in", holder });
  return options;
}

/** Signs in by what a passkey signed. */
export async function signInWithPasskey(
  context: SignInContext,
  where: PasskeySignIn,
  json: string,
  origin: BrowserOrigin,
): Promise<SignInResult> {
  return await signIn(context, "passkey", undefined, origin, () => prove(context.sql, where, json));
}

async function prove(sql: Sql, where: PasskeySignIn, json: string): Promise<Proof> {
  const { readAssertion } = await import("./ceremony.ts");
  const response = readAssertion(json);
  const passkey = response && await findPasskey(sql, response.id, where.host.host);
  if (!response || !passkey) return { ok: false, rule: "unknown_passkey" };
  const user = await getUser(sql, passkey.userId);
  const proved = await verify(sql, where, response, passkey);
  return proved ? { ok: true, user } : { ok: false, rule: "wrong_passkey", userId: user.id };
}

async function verify(
  sql: Sql,
  { host, holder }: PasskeySignIn,
  response: AssertionResponse,
  passkey: Passkey,
): Promise<boolean> {
  const { userHandle, ...rest } = response.response;
  if (userHandle && !isHandleOf(userHandle, passkey.userId)) return false;
  const { verifyAuthenticationResponse } = await import("./ceremony.ts");
  const { id, publicKey, counter } = passkey;
  const checked = await checkAnswer(
    sql,
    { purpose: "sign_in", holder },
    (expectedChallenge) =>
      verifyAuthenticationResponse({
        response: { ...response, response: rest },
        expectedChallenge,
        expectedOrigin: host.origin,
        expectedRPID: host.host,
        requireUserVerification: true,
        credential: { id, publicKey: Uint8Array.from(publicKey), counter },
      }),
  );
  if (!checked?.verified) return false;
  const { newCounter, credentialBackedUp } = checked.authenticationInfo;
  return await countUse(sql, passkey.id, newCounter, credentialBackedUp);
}

function isHandleOf(handle: string, userId: string): boolean {
  return new TextEncoder().encode(userId)
    .toBase64({ alphabet: "base64url", omitPadding: true }) === handle;
}
