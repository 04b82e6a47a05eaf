import type { Sql } from "../../db/mod.ts";

/** A sign-in at a provider that was begun. */
export interface PendingSignIn {
  readonly provider: string;
  /** SHA-256 of what only the browser that began it and we know. */
  readonly holder: Uint8Array;
  readonly redirectUri: string;
  readonly nonce: string;
  /** Of PKCE. */
  readonly verifier: string;
  /** Whether a proof from before does not count. */
  readonly fresh: boolean;
  /** Whose account it is connected to; null for signing in. */
  readonly userId: string | null;
  readonly destination: string;
}

/** Stores it for `ttlMs` milliseconds. */
export async function insertPending(
  sql: Sql,
  stateHash: Uint8Array,
  pending: PendingSignIn,
  ttlMs: number,
): Promise<void> {
  const { provider, holder, redirectUri, nonce, verifier, fresh, userId, destination } = pending;
  await sql`
    insert into federated_sign_ins
      (state_hash, provider, holder, redirect_uri, nonce, verifier, fresh, user_id, destination, expires_at)
    values (${stateHash}, ${provider}, ${holder}, ${redirectUri}, ${nonce}, ${verifier}, ${fresh}, ${userId},
            ${destination}, clock_timestamp() + make_interval(secs => ${ttlMs / 1000}))
  `;
}

/** Takes one that is still good, for the browser that began it at this provider. It is good for one. */
export async function takePending(
  sql: Sql,
  stateHash: Uint8Array,
  { provider, holder }: Pick<PendingSignIn, "provider" | "holder">,
): Promise<PendingSignIn & { readonly createdAt: Date } | undefined> {
  const [row] = await sql<(PendingSignIn & { readonly createdAt: Date })[]>`
    delete from federated_sign_ins
     where state_hash = ${stateHash} and provider = ${provider} and holder = ${holder}
       and expires_at > clock_timestamp()
    returning provider, holder, redirect_uri, nonce, verifier, fresh, user_id, destination, created_at
  `;
  return row;
}

/** Forgets those that nobody came back from in time. */
export async function deleteExpiredPending(sql: Sql): Promise<void> {
  await sql`delete from federated_sign_ins where expires_at < clock_timestamp()`;
}
