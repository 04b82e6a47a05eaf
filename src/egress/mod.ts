export { connectLine, type Line } from "./line.ts";
export type {
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
} from "./oauth_protocol.ts";
