import assert from "node:assert/strict";
import { findRedirectUri, redirectUriProblem, withParameters } from "./redirect_uri.ts";

const GOOD = [
  "https://client.example.com/callback",
  "https://client.example.com:8443/callback?fixed=1",
  "http://127.0.0.1/callback",
  "http://127.0.0.1:33418/",
  "http://[::1]:8080/cb",
  "http://localhost:3000/oauth/callback",
  "com.example.app:/oauth",
  "com.example.app://oauth/callback",
];

const BAD = [
  "https://user@client.example.com/callback",
  "https://client.example.com@evil.example/callback",
  "https://client.example.com:pw@evil.example/",
  "https://client.example.com/callback#fragment",
  "https://client.example.com/callback#",
  "http://client.example.com/callback",
  "http://localhost.evil.example/callback",
  "http://127.0.0.1.nip.io/callback",
  "http://localhost@evil.example/callback",
  "http://127.1/callback",
  "http://2130706433/callback",
  "http://0.0.0.0/callback",
  "http://[::ffff:127.0.0.1]/callback",
  "http://127.0.0.2/callback",
  "https://cl\u0456ent.example.com/callback",
  "https://client.example.com\\@evil.example/",
  "https://client.example.com/a/../b",
  "https://client.example.com/a/%2e%2E/b",
  "https://client.example.com /callback",
  "https://client.example.com/call\nback",
  "https:client.example.com/callback",
  "https:///callback",
  "https://*.example.com/callback",
  "https://[::1]/callback",
  "HTTPS://client.example.com/callback",
  "javascript:alert(1)",
  "data:text/html,x",
  "file:///etc/passwd",
  "myapp://callback",
  "/callback",
  "",
  `https://client.example.com/${"a".repeat(2000)}`,
];

Deno.test("a client may name https, loopback and reversed-domain addresses", () => {
  for (const uri of GOOD) assert.equal(redirectUriProblem(uri, "itself"), undefined, uri);
});

Deno.test("addresses that two readers could take apart differently, or that reach elsewhere, are refused", () => {
  for (const uri of BAD) assert.notEqual(redirectUriProblem(uri, "itself"), undefined, uri);
});

Deno.test("an operator may enter an app's short scheme, but none that does something else", () => {
  assert.equal(redirectUriProblem("cursor://anysphere.cursor-mcp/oauth", "operator"), undefined);
  assert.notEqual(redirectUriProblem("javascript:alert(1)", "operator"), undefined);
});

Deno.test("only loopback addresses match with another port, and with nothing else changed", () => {
  const registered = ["http://127.0.0.1/callback", "https://client.example.com/callback"];
  const found = (uri: string) => findRedirectUri(registered, uri) !== undefined;
  assert.ok(found("http://127.0.0.1:49152/callback"));
  assert.ok(found("https://client.example.com/callback"));
  for (
    const other of [
      "http://127.0.0.1:49152/other",
      "http://127.0.0.1:49152/callback?x=1",
      "http://127.0.0.1:49152/callback/",
      "http://localhost:49152/callback",
      "http://[::1]:49152/callback",
      "http://127.0.0.1:49152@evil.example/callback",
      "https://client.example.com:8443/callback",
      "https://client.example.com/callback/",
      "https://client.example.com/callback?",
      "https://CLIENT.example.com/callback",
      "https://client.example.com.evil.example/callback",
    ]
  ) assert.ok(!found(other), other);
});

Deno.test("parameters are added to a query that is there", () => {
  const uri = withParameters("https://c.example/cb?a=1", { code: "x y", state: undefined });
  assert.equal(uri, "https://c.example/cb?a=1&code=x+y");
});
