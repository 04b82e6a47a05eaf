import type { Sql } from "../db/mod.ts";

/** What a person let a client have at a resource. */
export interface Consent {
  readonly userId: string;
  readonly clientId: string;
  readonly resource: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Which consents; what is not given does not matter. */
export interface ConsentFilter {
  readonly userId?: string;
  readonly clientId?: string;
  readonly resource?: string;
}

/** The scopes that were agreed to; empty when nothing was. */
export async function findConsentedScopes(
  sql: Sql,
  { userId, clientId, resource }: Required<ConsentFilter>,
): Promise<readonly string[]> {
  const [row] = await sql<Pick<Consent, "scopes">[]>`
    select scopes from oauth_consents
     where user_id = ${userId} and client_id = ${clientId} and resource = ${resource}
  `;
  return row?.scopes ?? [];
}

/** Newest first. */
export async function listConsents(sql: Sql, filter: ConsentFilter): Promise<Consent[]> {
  return await sql<Consent[]>`
    select * from oauth_consents where ${matches(sql, filter)} order by updated_at desc, client_id
  `;
}

/** Removes the consents that match and answers them. */
export async function deleteConsents(sql: Sql, filter: ConsentFilter): Promise<Consent[]> {
  return await sql<Consent[]>`delete from oauth_consents where ${matches(sql, filter)} returning *`;
}

function matches(sql: Sql, { userId, clientId, resource }: ConsentFilter): ReturnType<Sql> {
  return sql`
    true
    ${userId === undefined ? sql`` : sql`and user_id = ${userId}`}
    ${clientId === undefined ? sql`` : sql`and client_id = ${clientId}`}
    ${resource === undefined ? sql`` : sql`and resource = ${resource}`}
  `;
}
