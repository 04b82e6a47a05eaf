import { type Actor, endSessions, type IdentityContext, identityEvent } from "../identity/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { hashOpaque, newOpaque } from "../kernel/opaque.ts";
import { AUTH_METHODS, type AuthMethod, type Client, isDocumentId, type KeySet } from "./client.ts";
import { clientOf, readClientMetadata } from "./client_metadata.ts";
import { deleteClientRow, findStoredClient, insertClient } from "./client_store.ts";
import { OAuthError } from "./oauth_error.ts";
import { formatScope } from "./scope.ts";

/** A client that an operator enters. */
export interface ClientInput {
  /** Made up unless given. */
  readonly id?: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly string[];
  readonly authMethod: AuthMethod;
  readonly jwks?: KeySet;
  /** What it may ask for; whatever servers have unless given. */
  readonly scopes?: readonly string[];
  /** Id of the service account that it is without a person. */
  readonly userId?: string;
  readonly introspects: boolean;
}

/** A new client. The secret is shown this once. */
export interface CreatedClient {
  readonly client: Client;
  readonly secret: string | undefined;
}

const ID = /^[A-Za-z0-9][\w.-]{0,127}$/;

/** Registers a client. Throws `invalid` for what no client may be, `conflict` when the id is taken. */
export async function createClient(
  context: IdentityContext,
  actor: Actor,
  input: ClientInput,
): Promise<CreatedClient> {
  const client = readInput(input);
  const secret = client.authMethod.startsWith("client_secret") ? newOpaque() : undefined;
  await context.sql.begin(async (sql) => {
    const stored = await insertClient(sql, {
      ...client,
      kind: "registered",
      secretHash: secret === undefined ? null : hashOpaque(secret),
      registrationHash: null,
    });
    if (!stored) {
      throw new AppError("conflict", `There is a client ${JSON.stringify(client.id)} already`);
    }
    await context.record(sql, [identityEvent(actor, "client_created", detailOf(client))]);
  });
  return { client, secret };
}

/** Removes a client and ends every session that it has. Throws `not_found`. */
export async function deleteClient(
  context: IdentityContext,
  actor: Actor,
  id: string,
): Promise<{ readonly ended: number }> {
  await context.sql.begin(async (sql) => {
    const client = await findStoredClient(sql, id);
    if (!client || !await deleteClientRow(sql, id)) {
      throw new AppError("not_found", `Cannot find the client ${JSON.stringify(id)}`);
    }
    await context.record(sql, [identityEvent(actor, "client_deleted", detailOf(client))]);
  });
  const ended = await endSessions(context, actor, { clientId: id }, "client_deleted");
  return { ended: ended.length };
}

function readInput(input: ClientInput): Client {
  const { id = `client_${crypto.randomUUID()}`, userId, introspects, authMethod } = input;
  if (!ID.test(id) || isDocumentId(id)) {
    throw new AppError("invalid", `Cannot use ${JSON.stringify(id)} as a client id`);
  }
  const needsAccount = input.grantTypes.includes("client_credentials");
  if (needsAccount && (userId === undefined || authMethod === "none")) {
    throw new AppError(
      "invalid",
      "A client without a person needs a service account, and a way to prove who it is",
    );
  }
  try {
    const metadata = readClientMetadata({
      client_name: input.name,
      redirect_uris: input.redirectUris,
      grant_types: input.grantTypes,
      token_endpoint_auth_method: authMethod,
      ...input.jwks && { jwks: input.jwks },
      ...input.scopes && { scope: formatScope(input.scopes) },
    });
    const terms = { id, kind: "registered", authMethods: AUTH_METHODS } as const;
    const client = clientOf(metadata, { ...terms, defaultAuthMethod: "none" });
    return { ...client, userId: userId ?? null, introspects };
  } catch (error) {
    if (error instanceof OAuthError) throw new AppError("invalid", error.message);
    throw error;
  }
}

function detailOf(client: Client): Readonly<Record<string, unknown>> {
  const { id, name, kind, redirectUris, authMethod, grantTypes, userId } = client;
  return {
    client: { id, name, kind },
    redirect_uris: redirectUris,
    auth_method: authMethod,
    grant_types: grantTypes,
    ...userId !== null && { service_account: userId },
  };
}
