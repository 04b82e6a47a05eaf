import assert from "node:assert/strict";
import { baseUrlOf } from "./base_url.ts";

function addressed(host: string, publicUrl?: string, port = 8080): string | undefined {
  const request = new Request("http://localhost/", { headers: { host } });
  return baseUrlOf(request, { publicUrl, port });
}

Deno.test("loopback hosts with our port are ours, under the name that the caller used", () => {
  for (const host of ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"]) {
    assert.equal(addressed(host), `http://${host}`);
  }
  assert.equal(addressed("localhost", undefined, 80), "http://localhost");
});

Deno.test("no other host is ours", () => {
  const others = [
    ...["", "localhost", "127.0.0.1", "localhost:8081", "evil.example:8080"],
    ...["localhost.evil.example:8080", "127.0.0.1.nip.io:8080", "localhost:8080:8080"],
    ...["user@localhost:8080", "LOCALHOST:8080/", "127.1:8080", "0.0.0.0:8080", "[::]:8080"],
  ];
  for (const host of others) assert.equal(addressed(host), undefined, host);
});

Deno.test("the profile's public URL stands for every host", () => {
  assert.equal(addressed("x.internal:1", "https://gov.example.com"), "https://gov.example.com");
  assert.equal(addressed("x.internal:1", "https://gov.example.com/"), "https://gov.example.com");
});
