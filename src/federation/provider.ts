import type * as oauth from "oauth4webapi";
import type { Clock } from "../kernel/clock.ts";
import type { SecretBytes } from "../vault/mod.ts";
import { providerEndpoints } from "../egress/mod.ts";
import type { ProviderConfig } from "./config/mod.ts";
import { createProviderFetch, type ProviderFetch } from "./provider_fetch.ts";

/** The library is loaded with the first sign-in: a service without providers never needs it. */
export type Library = typeof oauth;

/** A provider as its configuration and its own description say. */
export interface Provider {
  readonly config: ProviderConfig;
  readonly library: Library;
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  /** Of every request to it. */
  readonly terms: RequestTerms;
}

/** What each request to a provider carries: how it is sent, and when it ends. */
export interface RequestTerms {
  readonly [oauth.customFetch]: ProviderFetch;
  readonly [oauth.allowInsecureRequests]: boolean;
}

/** A provider, found. Rejects where its description cannot be had or is not the issuer's. */
export type OpenProvider = (config: ProviderConfig, signal: AbortSignal) => Promise<Provider>;

/** Milliseconds that a description counts. */
const KEPT_MS = 600_000;

interface Kept {
  /** The configuration that it was found by. */
  readonly config: string;
  readonly server: oauth.AuthorizationServer;
  readonly client: Deno.HttpClient | undefined;
  readonly until: number;
}

/** Finds providers by discovery, and keeps what they say of themselves for a while. */
export function createProviderSource(clock: Clock): OpenProvider {
  const kept = new Map<string, Kept>();
  return async (config, signal) => {
    const library = await import("oauth4webapi");
    const key = JSON.stringify(config);
    const before = kept.get(config.name);
    const isSame = before?.config === key;
    if (before && !isSame) before.client?.close();
    const client = isSame ? before.client : clientFor(config);
    const terms = termsOf(library, config, client, signal);
    const isFresh = isSame && before.until > clock.monotonic();
    const server = isFresh ? before.server : await discover(library, config, terms);
    const until = isFresh ? before.until : clock.monotonic() + KEPT_MS;
    kept.set(config.name, { config: key, server, client, until });
    return { config, library, server, client: { client_id: config.client_id }, terms };
  };
}

function clientFor({ ca }: ProviderConfig): Deno.HttpClient | undefined {
  return ca === undefined ? undefined : Deno.createHttpClient({ caCerts: [ca] });
}

function termsOf(
  library: Library,
  config: ProviderConfig,
  client: Deno.HttpClient | undefined,
  signal: AbortSignal,
): RequestTerms {
  return {
    [library.customFetch]: createProviderFetch({
      endpoints: providerEndpoints(config),
      client,
      signal,
    }),
    [library.allowInsecureRequests]: config.issuer.startsWith("http:"),
  };
}

async function discover(
  library: Library,
  { issuer }: ProviderConfig,
  terms: RequestTerms,
): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  return await library.processDiscoveryResponse(url, await library.discoveryRequest(url, terms));
}

const decoder = new TextDecoder();

/** How we prove who we are to the provider. */
export function clientAuthOf(
  { config: { client_auth }, library }: Provider,
  secret: SecretBytes | undefined,
): oauth.ClientAuth {
  if (secret === undefined) return library.None();
  const text = decoder.decode(secret.reveal());
  return client_auth === "post" ? library.ClientSecretPost(text) : library.ClientSecretBasic(text);
}
