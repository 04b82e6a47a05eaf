import { AppError } from "../kernel/errors.ts";
import type { Provider } from "./provider.ts";

/** What a sign-in is begun with. */
export interface AuthorizationTerms {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE; the provider sees its hash. */
  readonly verifier: string;
  /** Whether the provider has to ask for a proof anew. */
  readonly fresh: boolean;
}

/** Where the browser goes. Throws `invalid` for a provider that has no such place over TLS. */
export async function authorizationUrl(
  { config, library, server }: Provider,
  { redirectUri, state, nonce, verifier, fresh }: AuthorizationTerms,
): Promise<string> {
  const url = URL.parse(server.authorization_endpoint ?? "");
  const isSafe = url?.protocol === "https:" ||
    url?.protocol === "http:" && config.issuer.startsWith("http:");
  if (!url || !isSafe) throw new AppError("invalid", "The provider names no address to sign in at");
  const parameters = {
    response_type: "code",
    client_id: config.client_id,
    redirect_uri: redirectUri,
    scope: config.scopes.join(" "),
    ...{ state, nonce },
    code_challenge: await library.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...fresh && { prompt: "login", max_age: "0" },
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}
