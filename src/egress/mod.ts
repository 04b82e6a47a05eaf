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
export type {
  FetchedDocument,
  GrantAnswer,
  GrantEndpoint,
  GrantRequest,
  OAuthMethods,
  PublicJwk,
  RegistrationRequest,
} from "./oauth_protocol.ts";
