/** What the authorization server offers: all that the configuration needs of it. */
import * as z from "zod";

/** `services/oauth/config.yaml`: what the authorization server offers. */
export const oauthSchema = z.strictObject({
  /** Seconds that an access token lives. */
  access_token_seconds: z.int().min(60).max(900).default(900),
  /** Days after which a person decides anew, whatever was refreshed meanwhile. */
  session_days: z.int().min(1).max(366).default(30),
  /** Days without use after which a refresh token ends. */
  refresh_idle_days: z.int().min(1).max(366).default(14),
  /** Days that a signing key signs before a new one takes over. */
  key_days: z.int().min(1).max(366).default(30),
  /** Clients named by the `https` URL of their metadata document. */
  client_metadata_documents: z.boolean().default(true),
  /** Clients that register themselves (RFC 7591). Anybody who reaches the endpoint can. */
  dynamic_registration: z.boolean().default(false),
});

export type OAuthConfig = z.output<typeof oauthSchema>;
