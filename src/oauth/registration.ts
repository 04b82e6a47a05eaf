import { timingSafeEqual } from "node:crypto";
import type { Sql } from "../db/mod.ts";
import { type Actor, endSessions, type IdentityContext, identityEvent } from "../identity/mod.ts";
import { hashOpaque, isOpaque, newOpaque } from "../kernel/opaque.ts";
import type { Client } from "./client.ts";
import { clientOf, readClientMetadata } from "./client_metadata.ts";
import {
  countDynamicClients,
  deleteClientRow,
  findClientHashes,
  findStoredClient,
  insertClient,
  type StoredClient,
  updateClient,
} from "./client_store.ts";
import { OAuthError } from "./oauth_error.ts";
import { formatScope } from "./scope.ts";

/** A client as registration answers it (RFC 7591 §3.2.1). Secrets in it are shown this once. */
export type RegistrationAnswer = Readonly<Record<string, unknown>>;

/** Clients that register themselves at most: each is a row that nobody asked for. */
const MAX_CLIENTS = 10_000;

/** Registers a client that says itself what it is (RFC 7591). */
export async function registerClient(
  context: IdentityContext,
  metadata: unknown,
  issuer: string,
): Promise<RegistrationAnswer> {
  const client = read(metadata, `client_${crypto.randomUUID()}`);
  const secret = needsSecret(client) ? newOpaque() : undefined;
  const token = newOpaque();
  await context.sql.begin(async (sql) => {
    if (await countDynamicClients(sql) >= MAX_CLIENTS) {
      throw new OAuthError(
        "temporarily_unavailable",
        "Too many clients have registered themselves",
      );
    }
    await insertClient(sql, {
      ...client,
      kind: "dynamic",
      secretHash: secret === undefined ? null : hashOpaque(secret),
      registrationHash: hashOpaque(token),
    });
    await recordClient(context, sql, "client_created", client);
  });
  const issued = Math.floor(context.clock.now() / 1000);
  return {
    ...shown(client, issuer, issued),
    registration_access_token: token,
    ...secret !== undefined && { client_secret: secret, client_secret_expires_at: 0 },
  };
}

/** What is registered of a client (RFC 7592 §2.1), to whoever holds its registration token. */
export async function readRegistration(
  { sql }: IdentityContext,
  id: string,
  token: string | undefined,
  issuer: string,
): Promise<RegistrationAnswer> {
  const client = await ownClient(sql, id, token);
  return shown(client, issuer, secondsOf(client));
}

/** Replaces what is registered of a client (RFC 7592 §2.2). How it proves itself stays. */
export async function updateRegistration(
  context: IdentityContext,
  id: string,
  token: string | undefined,
  metadata: unknown,
  issuer: string,
): Promise<RegistrationAnswer> {
  const before = await ownClient(context.sql, id, token);
  const client = read(metadata, id);
  if (readClientMetadata(metadata).client_id !== id) {
    throw new OAuthError("invalid_request", '"client_id" is missing or another');
  }
  if (client.authMethod !== before.authMethod) {
    throw new OAuthError("invalid_client_metadata", '"token_endpoint_auth_method" cannot change');
  }
  await context.sql.begin(async (sql) => {
    await updateClient(sql, client);
    await recordClient(context, sql, "client_changed", client);
  });
  return shown(client, issuer, secondsOf(before));
}

/** Takes a registration back (RFC 7592 §2.3). */
export async function deleteRegistration(
  context: IdentityContext,
  id: string,
  token: string | undefined,
): Promise<void> {
  const client = await ownClient(context.sql, id, token);
  await context.sql.begin(async (sql) => {
    if (await deleteClientRow(sql, id)) await recordClient(context, sql, "client_deleted", client);
  });
  await endSessions(context, actorOf(client), { clientId: id }, "client_deleted");
}

function read(metadata: unknown, id: string): Client {
  return clientOf(readClientMetadata(metadata), {
    id,
    kind: "dynamic",
    authMethods: ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
    defaultAuthMethod: "client_secret_basic",
  });
}

function needsSecret({ authMethod }: Client): boolean {
  return authMethod === "client_secret_basic" || authMethod === "client_secret_post";
}

/** The client that registered itself and got this token. Whether it exists is not told to anybody else. */
async function ownClient(
  sql: Sql,
  id: string,
  token: string | undefined,
): Promise<StoredClient> {
  const client = await findStoredClient(sql, id);
  const { registrationHash } = await findClientHashes(sql, id) ?? {};
  const fits = isOpaque(token) && registrationHash &&
    timingSafeEqual(hashOpaque(token), registrationHash);
  if (client?.kind === "dynamic" && fits) return client;
  throw new OAuthError("invalid_token", "The registration token is not this client's");
}

function shown(client: Client, issuer: string, issuedAt: number): RegistrationAnswer {
  return {
    client_id: client.id,
    client_id_issued_at: issuedAt,
    client_name: client.name,
    ...client.uri !== null && { client_uri: client.uri },
    redirect_uris: client.redirectUris,
    grant_types: client.grantTypes,
    response_types: client.grantTypes.includes("authorization_code") ? ["code"] : [],
    token_endpoint_auth_method: client.authMethod,
    ...client.jwks && { jwks: client.jwks },
    ...client.scopes && { scope: formatScope(client.scopes) },
    registration_client_uri: `${issuer}/api/v1/core/oauth/register/${client.id}`,
  };
}

function secondsOf({ createdAt }: StoredClient): number {
  return Math.floor(createdAt.getTime() / 1000);
}

async function recordClient(
  { record }: IdentityContext,
  sql: Sql,
  name: "client_created" | "client_changed" | "client_deleted",
  client: Client,
): Promise<void> {
  const { kind, redirectUris, authMethod, grantTypes } = client;
  const detail = {
    client: { id: client.id, name: client.name, kind },
    redirect_uris: redirectUris,
    auth_method: authMethod,
    grant_types: grantTypes,
  };
  await record(sql, [identityEvent(actorOf(client), name, detail)]);
}

/** Nobody is known behind a client that registers itself. */
function actorOf({ id }: Client): Actor {
  return { userId: "anonymous", role: "anonymous", surface: "api", clientId: id };
}
