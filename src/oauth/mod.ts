/** The authorization server: who may call which server, for whom, and with whose consent. */
export { type AccessClaims, openAccessToken } from "./access_token.ts";
export { type AuthorizationRequest, errorUrl, readAuthorization } from "./authorize.ts";
export {
  AUTH_METHODS,
  type AuthMethod,
  type Client,
  GRANT_TYPES,
  type GrantType,
  isDocumentId,
  type KeySet,
} from "./client.ts";
export {
  type ClientInput,
  createClient,
  type CreatedClient,
  deleteClient,
} from "./client_admin.ts";
export { listClients, type StoredClient } from "./client_store.ts";
export { type Consent, type ConsentFilter, listConsents } from "./consent_store.ts";
export { type ConsentOptions, type Consents, createConsents } from "./consent_service.ts";
export { revokeConsents } from "./consents.ts";
export {
  issueOperatorToken,
  MAX_ACCESS_MS,
  type OperatorToken,
  type OperatorTokenRequest,
} from "./operator_token.ts";
export { createDocumentCache } from "./client_documents.ts";
export { createClientFinder, type GetClient } from "./client_finder.ts";
export type { OAuthConfig } from "./config/mod.ts";
export { createGrantEndpoints } from "./grant_endpoints.ts";
export type { GrantContext } from "./grants/context.ts";
export { findTokenHolder, type TokenHolder } from "./holder_store.ts";
export { personClaims } from "./id_token.ts";
export type { ConsentDecision, Interaction, Interactions } from "./interaction.ts";
export { createInteractions, type InteractionService } from "./interactions.ts";
export { authorizationServerMetadata, OAUTH_PATHS, protectedResourceMetadata } from "./metadata.ts";
export { listKeys, type StoredKey } from "./key_store.ts";
export { type LiveToken, type LiveTokenContext, openLiveToken } from "./live_token.ts";
export { OAuthError, type OAuthErrorCode } from "./oauth_error.ts";
export type { Parameters } from "./parameters.ts";
export { PublicKeys } from "./public_keys.ts";
export { RateWindow } from "./rate_window.ts";
export { createRegistrationEndpoint } from "./registration_endpoint.ts";
export type { AuthenticateResource, ResourceAuthentication } from "./resource.ts";
export { scopesOfKey } from "./key_holder.ts";
export { ResourceGate, type ResourceGateOptions } from "./resource_gate.ts";
export type { Holder, ResourceServer, Servers } from "./servers.ts";
export { listOpenSessions } from "./standing_store.ts";
export { SigningKeys, type SigningKeysOptions } from "./signing_keys.ts";
export { forgetOverGrants, forgetUnusedClients } from "./upkeep_store.ts";
