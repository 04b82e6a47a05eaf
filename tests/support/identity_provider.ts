import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import OidcProvider from "oidc-provider";
import { Browser } from "../api/browser.ts";

/** Somebody as the provider knows them; the key is what they are called there. */
export type People = Record<string, Readonly<Record<string, unknown>>>;

/** `oidc-provider` on a port of its own, with its own pages to sign in at. */
export interface IdentityProvider {
  readonly issuer: string;
  /** Who can sign in; changes hold at once. */
  readonly people: People;
  /** Requests so far, as `GET /path`. */
  readonly requests: string[];
  stop(): Promise<void>;
}

export interface ProviderOptions {
  readonly redirectUris: readonly string[];
  readonly clientId?: string;
  /** Undefined for a public client. */
  readonly clientSecret?: string | undefined;
  readonly clientAuth?: "client_secret_basic" | "client_secret_post" | "none";
  readonly people: People;
  /** More of the provider's own configuration. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly port?: number;
}

/** Starts one. Emails stand behind its `userinfo` endpoint, as the standard has it for the code flow. */
export async function startIdentityProvider(options: ProviderOptions): Promise<IdentityProvider> {
  const { people, redirectUris, clientId = "spgov", clientSecret } = options;
  const requests: string[] = [];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new OidcProvider(issuer, {
    clients: [{
      client_id: clientId,
      ...clientSecret !== undefined && { client_secret: clientSecret },
      token_endpoint_auth_method: options.clientAuth ?? "client_secret_basic",
      redirect_uris: redirectUris,
      grant_types: ["authorization_code"],
      response_types: ["code"],
      // It has none that are reached without TLS but those of native applications.
      application_type: "native",
    }],
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name", "preferred_username"],
    },
    cookies: { keys: ["test"] },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, ...people[id] }),
    }),
    pkce: { required: () => true },
    ...options.more,
  });
  const answer = provider.callback();
  server.on("request", (request, response) => {
    requests.push(`${request.method} ${request.url?.split("?")[0]}`);
    // Its pages would fetch fonts from the network.
    response.setHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    answer(request, response);
  });
  return {
    ...{ issuer, people, requests },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Goes to a provider's address as `who`, signs in and agrees there, and answers where the browser is sent
 * back to. The same browser again is known there already.
 */
export async function signInAt(
  issuer: string,
  url: string,
  who: string,
  browser = new Browser(issuer),
): Promise<URL> {
  let page = await browser.get(url);
  for (let step = 0; step < 20; step++) {
    if (page.location !== null) {
      const next = new URL(page.location, issuer);
      if (next.origin !== issuer) return next;
      page = await browser.get(next.href);
      continue;
    }
    const form = page.forms[0];
    if (!form) throw new Error(`${page.status} without a form: ${page.text}`);
    page = await browser.post(form.action, { ...form.fields, login: who, password: "any" });
  }
  throw new Error("The browser goes in circles");
}
