import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { type OAuthWorld, REDIRECT, startOAuthWorld } from "../support/oauth_world.ts";

/** Two client libraries that are not ours, through everything that the authorization server offers. */

let world: OAuthWorld;
Deno.test.beforeAll(async () => {
  world = await startOAuthWorld();
});
Deno.test.afterAll(() => world.stop());

const INSECURE = { execute: [openid.allowInsecureRequests] };

async function discover(
  id: string,
  auth: openid.ClientAuth = openid.None(),
): Promise<openid.Configuration> {
  return await openid.discovery(new URL(world.url), id, undefined, auth, INSECURE);
}

// openid-client leaves the empty body of an answered revocation unread.
const sanitizeResources = false;

Deno.test("openid-client: code with PKCE, nonce and resource, refresh, introspection, revocation", {
  sanitizeResources,
}, async () => {
  const ada = await world.person("ada");
  const client = await world.client({ authMethod: "client_secret_basic" });
  const config = await discover(client.id, openid.ClientSecretBasic(client.secret));
  const verifier = openid.randomPKCECodeVerifier();
  const [state, nonce] = [openid.randomState(), openid.randomNonce()];
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT,
    scope: "openid profile email alpha:use",
    resource: world.resource("alpha"),
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...{ state, nonce },
  });
  const back = await ada.visit(url.href);
  assert.equal(back.origin + back.pathname, REDIRECT);
  // Checks state, iss, the ID token's signature, audience, nonce and times.
  const tokens = await openid.authorizationCodeGrant(config, back, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
  assert.equal(tokens.claims()?.sub, ada.user.id);
  assert.equal(tokens.claims()?.["email"], ada.user.email);
  assert.equal(tokens.scope, "openid profile email alpha:use");
  assert.ok((tokens.expires_in ?? 0) <= 900);

  const described = await openid.tokenIntrospection(config, tokens.access_token);
  assert.equal(described.active, true);
  assert.equal(described.aud, world.resource("alpha"));
  assert.equal(described.sub, ada.user.id);

  const next = await openid.refreshTokenGrant(config, tokens.refresh_token ?? "", {
    resource: world.resource("alpha"),
  });
  assert.notEqual(next.refresh_token, tokens.refresh_token);
  assert.notEqual(next.access_token, tokens.access_token);

  await openid.tokenRevocation(config, next.refresh_token ?? "");
  for (const token of [tokens.access_token, next.access_token, next.refresh_token ?? ""]) {
    assert.deepEqual(await openid.tokenIntrospection(config, token), { active: false });
  }
  await assert.rejects(
    openid.refreshTokenGrant(config, next.refresh_token ?? ""),
    (error) => error instanceof openid.ResponseBodyError && error.error === "invalid_grant",
  );
});

Deno.test("openid-client: a plain sign-in, and who it was", async () => {
  const grace = await world.person("grace");
  const client = await world.client();
  const config = await discover(client.id);
  const verifier = openid.randomPKCECodeVerifier();
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT,
    scope: "openid email",
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const back = await grace.visit(url.href);
  const tokens = await openid.authorizationCodeGrant(config, back, {
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  });
  const info = await openid.fetchUserInfo(config, tokens.access_token, grace.user.id);
  assert.deepEqual(info, { sub: grace.user.id, email: grace.user.email });
});

Deno.test("openid-client: client credentials by secret, form secret and private key", async () => {
  const robot = await world.person("robot", ["service"]);
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign", "verify"],
  );
  const jwk = await crypto.subtle.exportKey("jwk", publicKey);
  const grants = { grantTypes: ["client_credentials"], userId: robot.user.id, redirectUris: [] };
  const basic = await world.client({ ...grants, authMethod: "client_secret_basic" });
  const post = await world.client({ ...grants, authMethod: "client_secret_post" });
  const keys = { keys: [{ kty: "EC", crv: "P-256", x: jwk.x, y: jwk.y, alg: "ES256" }] };
  const signed = await world.client({ ...grants, authMethod: "private_key_jwt", jwks: keys });
  const ways = [
    [basic.id, openid.ClientSecretBasic(basic.secret)],
    [post.id, openid.ClientSecretPost(post.secret)],
    [signed.id, openid.PrivateKeyJwt(privateKey)],
  ] as const;
  for (const [id, way] of ways) {
    const config = await discover(id, way);
    const resource = world.resource("beta");
    const tokens = await openid.clientCredentialsGrant(config, { resource, scope: "beta:use" });
    assert.equal(tokens.refresh_token, undefined);
    const described = await openid.tokenIntrospection(config, tokens.access_token);
    assert.deepEqual([described.sub, described.aud], [robot.user.id, resource]);
  }
});

Deno.test("openid-client: device flow", async () => {
  const linus = await world.person("linus");
  const client = await world.client();
  const config = await discover(client.id);
  const begun = await openid.initiateDeviceAuthorization(config, {
    scope: "alpha:use",
    resource: world.resource("alpha"),
  });
  assert.match(begun.user_code, /^[B-Z]{4}-[B-Z]{4}$/);
  await linus.enterCode(begun.user_code.toLowerCase());
  const tokens = await openid.pollDeviceAuthorizationGrant(config, begun);
  assert.equal(tokens.scope, "alpha:use");
  assert.ok(tokens.refresh_token);
});

Deno.test("oauth4webapi: discovery, code and the resource's metadata, strictly", async () => {
  const ken = await world.person("ken");
  const registered = await world.client();
  const options = { [oauth.allowInsecureRequests]: true };
  const resource = new URL(world.resource("alpha"));
  const described = await oauth.processResourceDiscoveryResponse(
    resource,
    await oauth.resourceDiscoveryRequest(resource, options),
  );
  assert.deepEqual(described.scopes_supported, ["alpha:use", "alpha:write"]);
  const issuer = new URL(described.authorization_servers?.[0] ?? "");
  for (const algorithm of ["oauth2", "oidc"] as const) {
    const as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { ...options, algorithm }),
    );
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const url = new URL(as.authorization_endpoint ?? "");
    url.search = `${new URLSearchParams({
      ...{ client_id: registered.id, redirect_uri: REDIRECT, response_type: "code", state },
      ...{ scope: "alpha:use alpha:write", resource: resource.href },
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    })}`;
    const client = { client_id: registered.id };
    const parameters = oauth.validateAuthResponse(as, client, await ken.visit(url.href), state);
    const response = await oauth.authorizationCodeGrantRequest(
      ...[as, client, oauth.None(), parameters, REDIRECT, verifier] as const,
      { ...options, additionalParameters: { resource: resource.href } },
    );
    assert.equal(response.headers.get("cache-control"), "no-store");
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, response);
    // As a resource server would: signature by the published keys, typ, iss, aud and times.
    const request = new Request(resource, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    const claims = await oauth.validateJwtAccessToken(as, request, resource.href, options);
    assert.deepEqual([claims.sub, claims.client_id], [ken.user.id, registered.id]);
    assert.equal(claims.scope, "alpha:use alpha:write");
  }
});
