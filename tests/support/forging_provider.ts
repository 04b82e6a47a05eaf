import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** What a provider may answer instead of what it should. */
export interface Forgery {
  /** Claims instead of the right ones; undefined leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** `none`, a shared secret, or a key that is not published. */
  readonly signedBy?: "none" | "secret" | "another";
  readonly secret?: string;
  /** Instead of the ID token. */
  readonly idToken?: unknown;
  /** Instead of the answers to these paths. */
  readonly answers?: Readonly<Record<string, () => Response | Promise<Response>>>;
  /** In the description. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A provider that answers everything by itself, rightly unless told otherwise. */
export interface ForgingProvider {
  readonly issuer: string;
  forgery: Forgery;
  /** Forms that the token endpoint was sent. */
  readonly redeemed: URLSearchParams[];
  /** Where the browser is sent back to for the address that it was sent to. */
  answer(url: string, parameters?: Readonly<Record<string, string>>): URL;
  stop(): Promise<void>;
}

const CLIENT = "spgov";

/** Starts one. */
export async function startForgingProvider(): Promise<ForgingProvider> {
  const keys = await generateKeyPair("RS256", { extractable: true });
  const others = await generateKeyPair("RS256");
  const jwk = { ...await exportJWK(keys.publicKey), kid: "k", alg: "RS256", use: "sig" };
  const nonces = new Map<string, string>();
  const redeemed: URLSearchParams[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handle);
  const issuer = `http://127.0.0.1:${server.addr.port}`;

  async function sign(nonce: string | undefined): Promise<string> {
    const { claims = {}, signedBy, secret = "" } = provider.forgery;
    const now = Math.floor(Date.now() / 1000);
    const right = {
      ...{ iss: issuer, sub: "ada", aud: CLIENT, iat: now, exp: now + 300, nonce, auth_time: now },
      ...{ email: "ada@example.com", email_verified: true },
    };
    const all = Object.fromEntries(
      Object.entries({ ...right, ...claims }).filter(([, value]) => value !== undefined),
    );
    if (signedBy === "none") return `${encode({ alg: "none" })}.${encode(all)}.`;
    const token = new SignJWT(all);
    if (signedBy === "secret") {
      return await token.setProtectedHeader({ alg: "HS256" })
        .sign(new TextEncoder().encode(secret));
    }
    return await token.setProtectedHeader({ alg: "RS256", kid: "k" })
      .sign((signedBy === "another" ? others : keys).privateKey);
  }

  async function handle(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const { answers = {}, metadata = {} } = provider.forgery;
    const text = await request.text();
    const forged = answers[pathname];
    if (forged) return await forged();
    switch (pathname) {
      case "/.well-known/openid-configuration":
        return Response.json({
          ...{ issuer, jwks_uri: `${issuer}/jwks`, token_endpoint: `${issuer}/token` },
          authorization_endpoint: `${issuer}/auth`,
          userinfo_endpoint: `${issuer}/me`,
          authorization_response_iss_parameter_supported: true,
          ...metadata,
        });
      case "/jwks":
        return Response.json({ keys: [jwk] });
      case "/me":
        return Response.json({ sub: "somebody else", email: "eve@example.com" });
      case "/token": {
        const form = new URLSearchParams(text);
        redeemed.push(form);
        const idToken = await sign(nonces.get(form.get("code") ?? ""));
        return Response.json({
          ...{ access_token: "a", token_type: "bearer", id_token: idToken },
          ...provider.forgery.idToken !== undefined && { id_token: provider.forgery.idToken },
        });
      }
      default:
        return new Response(null, { status: 404 });
    }
  }

  const provider: ForgingProvider = {
    ...{ issuer, redeemed, forgery: {} },
    answer(url, parameters = {}) {
      const { searchParams } = new URL(url);
      const code = crypto.randomUUID();
      nonces.set(code, searchParams.get("nonce") ?? "");
      const back = new URL(searchParams.get("redirect_uri") ?? "");
      const all = { code, state: searchParams.get("state") ?? "", iss: issuer, ...parameters };
      for (const [name, value] of Object.entries(all)) {
        if (value !== "") back.searchParams.set(name, value);
      }
      return back;
    },
    stop: () => server.shutdown(),
  };
  return provider;
}

function encode(value: unknown): string {
  return new TextEncoder().encode(JSON.stringify(value))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}
