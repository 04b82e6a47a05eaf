export type { ApiAnswer, ApiCall, ApiMethods } from "./api_protocol.ts";
export { getJsonDocument, type HttpsGet } from "./https_get.ts";
export { connectLine, type Line } from "./line.ts";
export type {
  CallProof,
  Confinement,
  EgressMethods,
  LineClosed,
  LineCommand,
  LineEvent,
  LineMessage,
  LineOpened,
  LineRequest,
  UpstreamLogLine,
  UpstreamMethods,
  UpstreamStatus,
} from "./protocol.ts";
export { endpointOf, providerEndpoints, type ProviderPlaces } from "./provider_endpoints.ts";
export type {
  FederationMethods,
  FederationResult,
  FederationReturn,
  FederationRule,
  FederationStart,
  FederationStarted,
} from "./federation_protocol.ts";
export type {
  FetchedDocument,
  GrantAnswer,
  GrantEndpoint,
  GrantRequest,
  OAuthMethods,
  PublicJwk,
  RegistrationRequest,
} from "./oauth_protocol.ts";
export type { ScimAnswer, ScimCall, ScimMethods } from "./scim_protocol.ts";
