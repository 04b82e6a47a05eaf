import type { Sql } from "../db/mod.ts";
import type { Client } from "./client.ts";

/** A client that stands in the database. */
export interface StoredClient extends Client {
  readonly kind: "registered" | "dynamic";
  readonly createdAt: Date;
}

/** A client to store, with the hashes of what it proves itself by. */
export interface NewClient extends Omit<StoredClient, "createdAt"> {
  readonly secretHash: Uint8Array | null;
  readonly registrationHash: Uint8Array | null;
}

/** A client without what it proves itself by: gateways may not even ask for that. */
export async function findStoredClient(sql: Sql, id: string): Promise<StoredClient | undefined> {
  const [client] = await sql<StoredClient[]>`
    select id, kind, name, uri, redirect_uris, grant_types, auth_method, jwks, scopes, user_id,
           introspects, created_at
      from oauth_clients where id = ${id}
  `;
  return client;
}

/** The hashes of a client's secret and of its registration token. */
export async function findClientHashes(
  sql: Sql,
  id: string,
): Promise<Pick<NewClient, "secretHash" | "registrationHash"> | undefined> {
  const [row] = await sql<Pick<NewClient, "secretHash" | "registrationHash">[]>`
    select secret_hash, registration_hash from oauth_clients where id = ${id}
  `;
  return row;
}

/** Clients of the database, oldest first. */
export async function listClients(sql: Sql): Promise<StoredClient[]> {
  return await sql<StoredClient[]>`
    select id, kind, name, uri, redirect_uris, grant_types, auth_method, jwks, scopes, user_id,
           introspects, created_at
      from oauth_clients order by created_at, id
  `;
}

/** How many clients registered themselves. */
export async function countDynamicClients(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from oauth_clients where kind = 'dynamic'
  `;
  return row?.n ?? 0;
}

/** False when the id is taken. */
export async function insertClient(sql: Sql, client: NewClient): Promise<boolean> {
  const { count } = await sql`
    insert into oauth_clients (id, kind, name, uri, redirect_uris, grant_types, auth_method, secret_hash,
                               jwks, scopes, user_id, introspects, registration_hash)
    values (${client.id}, ${client.kind}, ${client.name}, ${client.uri}, ${
    list(client.redirectUris)
  },
            ${list(client.grantTypes)}, ${client.authMethod}, ${client.secretHash},
            ${client.jwks && sql.json(client.jwks as never)}, ${
    client.scopes && list(client.scopes)
  },
            ${client.userId}, ${client.introspects}, ${client.registrationHash})
    on conflict (id) do nothing
  `;
  return count === 1;
}

/** Replaces what a client says of itself; its secret stays. */
export async function updateClient(sql: Sql, client: Omit<Client, "kind">): Promise<void> {
  await sql`
    update oauth_clients
       set name = ${client.name}, uri = ${client.uri}, redirect_uris = ${list(client.redirectUris)},
           grant_types = ${list(client.grantTypes)}, auth_method = ${client.authMethod},
           jwks = ${client.jwks && sql.json(client.jwks as never)},
           scopes = ${client.scopes && list(client.scopes)}, updated_at = clock_timestamp()
     where id = ${client.id}
  `;
}

/** False when there was none. */
export async function deleteClientRow(sql: Sql, id: string): Promise<boolean> {
  const { count } = await sql`delete from oauth_clients where id = ${id}`;
  return count === 1;
}

function list(values: readonly string[]): string[] {
  return [...values];
}
