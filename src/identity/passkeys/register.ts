import type { Sql } from "../../db/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { type IdentityContext, refuseTaken } from "../context.ts";
import { type Actor, identityEvent } from "../events.ts";
import { checkAnswer } from "./answer.ts";
import { insertChallenge } from "./challenge_store.ts";
import type { PasskeyHost } from "./host.ts";
import type { RegistrationResponse } from "./response.ts";
import { deletePasskey, insertPasskey, listPasskeys, type NewPasskey } from "./store.ts";

/** Passkeys that a user may have. */
const MAX_PASSKEYS = 20;
const MAX_NAME = 60;

/** Whose passkey it is to be, where, and whose browser may answer. */
export interface Registration {
  readonly user: { readonly userId: string; readonly email: string; readonly name: string };
  readonly host: PasskeyHost;
  /** SHA-256 of the browser's cookie. */
  readonly holder: Uint8Array;
}

/** Options for `navigator.credentials.create()`, as JSON, with a challenge that is good for one answer. */
export async function beginRegistration(
  sql: Sql,
  { user, host, holder }: Registration,
): Promise<object> {
  const { generateRegistrationOptions } = await import("./ceremony.ts");
  const known = await listPasskeys(sql, user.userId);
  const options = await generateRegistrationOptions({
    rpName: "spgov",
    rpID: host.host,
    userName: user.email,
    userDisplayName: user.name,
    userID: new TextEncoder().encode(user.userId),
    attestationType: "none",
    excludeCredentials: known.map(({ id }) => ({ id })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
  await insertChallenge(sql, options.challenge, { purpose: "register", holder });
  return options;
}

/**
 * Adds the passkey that a browser made. Recorded as `passkey_added`. Throws `invalid` for an answer that is
 * not to our challenge, `conflict` for a passkey that is known or one too many.
 */
export async function finishRegistration(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  registration: Registration,
  answer: { readonly name: string; readonly json: string },
): Promise<void> {
  const { userId } = registration.user;
  const { readRegistration } = await import("./ceremony.ts");
  const response = readRegistration(answer.json);
  const made = response && await verify(pool, registration, response);
  if (!made) throw new AppError("invalid", "The browser's answer does not prove a new passkey");
  const passkey: NewPasskey = { ...made, userId, name: nameOf(answer.name) };
  await refuseTaken("This passkey is already known", () =>
    pool.begin(async (sql) => {
      const known = await listPasskeys(sql, userId);
      if (known.length >= MAX_PASSKEYS) {
        throw new AppError("conflict", `A user has ${MAX_PASSKEYS} passkeys at most`);
      }
      await insertPasskey(sql, passkey);
      const { id, name, host, synced } = passkey;
      const detail = { user_id: userId, passkey_id: id, name, host, synced };
      await record(sql, [identityEvent(actor, "passkey_added", detail)]);
    }));
}

async function verify(
  sql: Sql,
  { host, holder }: Registration,
  response: RegistrationResponse,
): Promise<Omit<NewPasskey, "userId" | "name"> | undefined> {
  const { verifyRegistrationResponse } = await import("./ceremony.ts");
  const checked = await checkAnswer(
    sql,
    { purpose: "register", holder },
    (expectedChallenge) =>
      verifyRegistrationResponse({
        response,
        expectedChallenge,
        expectedOrigin: host.origin,
        expectedRPID: host.host,
        requireUserVerification: true,
      }),
  );
  if (!checked?.verified) return undefined;
  const { credential, credentialBackedUp } = checked.registrationInfo;
  return {
    id: credential.id,
    publicKey: credential.publicKey,
    counter: credential.counter,
    transports: response.response.transports,
    host: host.host,
    synced: credentialBackedUp,
  };
}

function nameOf(text: string): string {
  const name = text.toWellFormed().replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "").trim();
  return [...name].slice(0, MAX_NAME).join("") || "Passkey";
}

/** Removes a user's passkey. Recorded as `passkey_removed`. Throws `not_found`. */
export async function removePasskey(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  userId: string,
  id: string,
): Promise<void> {
  await pool.begin(async (sql) => {
    const name = await deletePasskey(sql, userId, id);
    if (name === undefined) {
      throw new AppError("not_found", `Cannot find the passkey ${JSON.stringify(id)}`);
    }
    const detail = { user_id: userId, passkey_id: id, name };
    await record(sql, [identityEvent(actor, "passkey_removed", detail)]);
  });
}
