import type { Sql } from "../db/mod.ts";
import type { BrowserUser } from "../identity/mod.ts";
import type { Client } from "./client.ts";

/** An authorization under way, as it is stored. */
export interface StoredInteraction {
  readonly kind: "code" | "device";
  readonly clientId: string;
  readonly clientName: string;
  readonly clientKind: Client["kind"];
  readonly clientUri: string | null;
  readonly issuer: string;
  readonly redirectUri: string | null;
  readonly state: string | null;
  readonly nonce: string | null;
  readonly codeChallenge: string | null;
  readonly deviceHash: Uint8Array | null;
  readonly userCode: string | null;
  readonly resource: string;
  readonly server: string;
  readonly scopes: readonly string[];
  /** Whoever signed in before that has to do it again. */
  readonly signInAfter: Date | null;
  readonly askConsent: boolean;
  readonly silent: boolean;
  readonly expiresAt: Date;
}

export async function insertInteraction(
  sql: Sql,
  hash: Uint8Array,
  i: StoredInteraction,
): Promise<void> {
  await sql`
    insert into oauth_interactions (id_hash, kind, client_id, client_name, client_kind, client_uri, issuer,
      redirect_uri, state, nonce, code_challenge, device_hash, user_code, resource, server, scopes,
      sign_in_after, ask_consent, silent, expires_at)
    values (${hash}, ${i.kind}, ${i.clientId}, ${i.clientName}, ${i.clientKind}, ${i.clientUri}, ${i.issuer},
      ${i.redirectUri}, ${i.state}, ${i.nonce}, ${i.codeChallenge}, ${i.deviceHash}, ${i.userCode},
      ${i.resource}, ${i.server}, ${[...i.scopes]}, ${i.signInAfter}, ${i.askConsent}, ${i.silent},
      ${i.expiresAt})
  `;
}

export async function findInteraction(
  sql: Sql,
  hash: Uint8Array,
): Promise<StoredInteraction | undefined> {
  const [row] = await sql<StoredInteraction[]>`
    select * from oauth_interactions where id_hash = ${hash} and expires_at > clock_timestamp()
  `;
  return row;
}

/** Takes it out, for who comes first. */
export async function takeInteraction(
  sql: Sql,
  hash: Uint8Array,
): Promise<StoredInteraction | undefined> {
  const [row] = await sql<StoredInteraction[]>`
    delete from oauth_interactions where id_hash = ${hash} and expires_at > clock_timestamp()
    returning *
  `;
  return row;
}

/** What a person decided about an authorization. */
export interface Settlement {
  readonly hash: Uint8Array;
  readonly user: BrowserUser;
  readonly allow: boolean;
  readonly scopes: readonly string[];
  /** Whether the consent counts for the next time. */
  readonly remember: boolean;
  /** Of the code that the client gets. */
  readonly codeHash: Uint8Array;
  readonly codeMs: number;
}

/**
 * Takes the interaction out and puts down what came of it: a code or the device's answer, and the consent.
 * One statement: of two answers one counts, and nothing is half done. Undefined when it was settled before, or
 * when it is allowed by somebody who had to sign in again and did not.
 */
export async function settleInteraction(
  sql: Sql,
  { hash, user, allow, scopes, remember, codeHash, codeMs }: Settlement,
): Promise<StoredInteraction | undefined> {
  const granted = [...scopes];
  const [row] = await sql<StoredInteraction[]>`
    with taken as (
      delete from oauth_interactions
       where id_hash = ${hash} and expires_at > clock_timestamp()
         and (not ${allow} or sign_in_after is null or sign_in_after <= ${user.authTime})
      returning *
    ), code as (
      insert into oauth_codes (code_hash, client_id, issuer, redirect_uri, code_challenge, nonce, resource,
                               scopes, user_id, browser_session, auth_time, expires_at)
      select ${codeHash}, client_id, issuer, redirect_uri, code_challenge, nonce, resource, ${granted}::text[],
             ${user.userId}, ${user.sessionId}, ${user.authTime},
             clock_timestamp() + make_interval(secs => ${codeMs / 1000})
        from taken where kind = 'code' and ${allow}
    ), device as (
      update oauth_device_codes d
         set state = case when ${allow} then 'allowed' else 'denied' end, scopes = ${granted}::text[],
             user_id = ${user.userId}, browser_session = ${user.sessionId}, auth_time = ${user.authTime}
        from taken
       where taken.kind = 'device' and d.device_hash = taken.device_hash and d.state = 'waiting'
    ), consent as (
      insert into oauth_consents (user_id, client_id, resource, scopes)
      select ${user.userId}, client_id, resource, ${granted}::text[] from taken where ${remember}
      on conflict (user_id, client_id, resource) do update
         set scopes = array(select distinct unnest(oauth_consents.scopes || excluded.scopes) order by 1),
             updated_at = clock_timestamp()
    )
    select * from taken
  `;
  return row;
}
