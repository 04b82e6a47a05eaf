/** The authorization server: who may call which server, for whom, and with whose consent. */
export { type AccessClaims, signAccessToken } from "./access_token.ts";
export { type OAuthConfig, oauthSchema } from "./config.ts";
export type { ConsentDecision, Interaction, Interactions } from "./interaction.ts";
export { KEY_CHANNEL } from "./key_store.ts";
export { PublicKeys } from "./public_keys.ts";
export type { AuthenticateResource, ResourceAuthentication } from "./resource.ts";
export { ResourceGate, type ResourceGateOptions } from "./resource_gate.ts";
export { SigningKeys, type SigningKeysOptions } from "./signing_keys.ts";
