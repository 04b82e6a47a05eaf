/** Endpoints of the authorization server that take a form and know their client. */
export type GrantEndpoint = "token" | "revocation" | "introspection" | "device_authorization";

/** A request of an OAuth client, as it came over HTTP. Egress trusts nothing of it. */
export interface GrantRequest {
  readonly endpoint: GrantEndpoint;
  /** What the client addressed, without a slash at the end: `https://gov.example.com`. */
  readonly issuer: string;
  /** The header `Authorization`, if any. */
  readonly authorization: string | undefined;
  /** The form, in its order; names may repeat. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The client's address, behind trusted proxies. */
  readonly address: string;
  /** 32 hexadecimal digits. */
  readonly traceId: string;
}

/** What the client is answered. A token in it was issued by a grant that egress itself verified. */
export interface GrantAnswer {
  readonly status: number;
  /** JSON; undefined for an empty body. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** A public signing key (ES256), as it stands in the key set. */
export interface PublicJwk {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly alg: "ES256";
  readonly use: "sig";
  readonly kid: string;
  readonly x: string;
  readonly y: string;
}

/** A client's metadata document, or why there is none. */
export type FetchedDocument =
  | { readonly ok: true; readonly document: Readonly<Record<string, unknown>> }
  | {
    readonly ok: false;
    /** One stable sentence. */
    readonly reason: string;
    /** It could not be asked for, which says nothing of the document. */
    readonly isTransient?: boolean;
  };

/** A request about a client's own registration (RFC 7591, RFC 7592). */
export interface RegistrationRequest {
  readonly action: "create" | "read" | "update" | "delete";
  readonly issuer: string;
  /** Of the client, but for a new one. */
  readonly clientId: string | undefined;
  /** The registration token that was sent. */
  readonly token: string | undefined;
  /** The body, as JSON. */
  readonly metadata: unknown;
}

/** What a gateway may ask of egress as an authorization server. */
export interface OAuthMethods {
  /** Verifies the client and its grant, and answers it. Never rejects for what a client may send. */
  grant(request: GrantRequest): Promise<GrantAnswer>;
  /** Registers a client, or manages a registration. Refuses unless the configuration lets clients do that. */
  register(request: RegistrationRequest): Promise<GrantAnswer>;
  /** The keys that tokens of now verify with, newest first. */
  jwks(): Promise<readonly PublicJwk[]>;
  /** The document behind an `https` client id, from the cache or the network. */
  fetchClientMetadata(clientId: string): Promise<FetchedDocument>;
}
