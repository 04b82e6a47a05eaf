/** How a client proves who it is. */
export const AUTH_METHODS = [
  "none",
  "client_secret_basic",
  "client_secret_post",
  "private_key_jwt",
] as const;
export type AuthMethod = typeof AUTH_METHODS[number];

/** Grants of the token endpoint. */
export const GRANT_TYPES = [
  "authorization_code",
  "refresh_token",
  "client_credentials",
  "urn:ietf:params:oauth:grant-type:device_code",
  "urn:ietf:params:oauth:grant-type:token-exchange",
] as const;
export type GrantType = typeof GRANT_TYPES[number];

/** A key set (RFC 7517) of public keys. */
export interface KeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** A client, wherever it is known from. */
export interface Client {
  readonly id: string;
  /** Entered by an operator, described by the document at its id, or registered by itself. */
  readonly kind: "registered" | "document" | "dynamic";
  readonly name: string;
  readonly uri: string | null;
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly GrantType[];
  readonly authMethod: AuthMethod;
  readonly jwks: KeySet | null;
  /** What it may ask for; null: whatever servers have. */
  readonly scopes: readonly string[] | null;
  /** The service account that it is without a person. */
  readonly userId: string | null;
  /** Whether it may ask about tokens of other clients. */
  readonly introspects: boolean;
}

/** Whether a client id is the URL of a metadata document. */
export function isDocumentId(id: string): boolean {
  return id.startsWith("https://");
}

/** Whether a text names a grant. */
export function isGrantType(text: string): text is GrantType {
  return (GRANT_TYPES as readonly string[]).includes(text);
}
