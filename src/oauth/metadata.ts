import type { OAuthConfig } from "./config/mod.ts";
import { PERSON_SCOPES } from "./scope.ts";
import type { ResourceServer } from "./servers.ts";

/** The paths of the authorization server, after the issuer. */
export const OAUTH_PATHS = {
  authorize: "/api/v1/core/oauth/authorize",
  token: "/api/v1/core/oauth/token",
  revoke: "/api/v1/core/oauth/revoke",
  introspect: "/api/v1/core/oauth/introspect",
  deviceAuthorization: "/api/v1/core/oauth/device_authorization",
  register: "/api/v1/core/oauth/register",
  userinfo: "/api/v1/core/oauth/userinfo",
  jwks: "/.well-known/jwks.json",
} as const;

const AUTH_METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

/** The authorization server's metadata (RFC 8414, OpenID Connect Discovery): what works, nothing else. */
export function authorizationServerMetadata(
  issuer: string,
  servers: readonly ResourceServer[],
  config: OAuthConfig,
): Readonly<Record<string, unknown>> {
  const at = (path: string) => `${issuer}${path}`;
  const algorithms = ["ES256", "ES384", "EdDSA", "PS256", "RS256"];
  return {
    issuer,
    authorization_endpoint: at(OAUTH_PATHS.authorize),
    token_endpoint: at(OAUTH_PATHS.token),
    jwks_uri: at(OAUTH_PATHS.jwks),
    userinfo_endpoint: at(OAUTH_PATHS.userinfo),
    revocation_endpoint: at(OAUTH_PATHS.revoke),
    introspection_endpoint: at(OAUTH_PATHS.introspect),
    device_authorization_endpoint: at(OAUTH_PATHS.deviceAuthorization),
    ...config.dynamic_registration && { registration_endpoint: at(OAUTH_PATHS.register) },
    scopes_supported: [...new Set([...PERSON_SCOPES, ...servers.flatMap(({ scopes }) => scopes)])],
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: [
      "authorization_code",
      "refresh_token",
      "client_credentials",
      "urn:ietf:params:oauth:grant-type:device_code",
      "urn:ietf:params:oauth:grant-type:token-exchange",
    ],
    token_endpoint_auth_methods_supported: ["none", ...AUTH_METHODS],
    token_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint_auth_methods_supported: ["none", ...AUTH_METHODS],
    revocation_endpoint_auth_signing_alg_values_supported: algorithms,
    introspection_endpoint_auth_methods_supported: AUTH_METHODS,
    introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: config.client_metadata_documents,
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256"],
    claims_supported: ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "name", "email"],
    prompt_values_supported: ["none", "login", "consent", "select_account"],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  };
}

/** A protected resource's metadata (RFC 9728). */
export function protectedResourceMetadata(
  issuer: string,
  { name, path, scopes }: ResourceServer,
): Readonly<Record<string, unknown>> {
  return {
    resource: `${issuer}${path}`,
    authorization_servers: [issuer],
    scopes_supported: scopes,
    bearer_methods_supported: ["header"],
    resource_name: name,
  };
}
