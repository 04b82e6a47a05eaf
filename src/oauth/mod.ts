/** The authorization server: who may call which server, for whom, and with whose consent. */
export type { ConsentDecision, Interaction, Interactions } from "./interaction.ts";
export type { AuthenticateResource, ResourceAuthentication } from "./resource.ts";
