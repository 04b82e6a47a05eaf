import assert from "node:assert/strict";
import { AppError } from "../kernel/errors.ts";
import { SecretBytes } from "../vault/mod.ts";
import { environmentOf, headersOf } from "./injected.ts";

function values(text: string): Map<string, SecretBytes> {
  return new Map([["TOKEN", new SecretBytes(new TextEncoder().encode(text))]]);
}

const HEADERS = {
  headers: { accept: "text/plain" },
  secret_headers: { authorization: { secret: "TOKEN", prefix: "Bearer " } },
};

Deno.test("a secret stands in its header behind its prefix, in its variable as it is", () => {
  assert.deepEqual(headersOf(HEADERS, values("abc")), {
    accept: "text/plain",
    authorization: "Bearer abc",
  });
  const child = { environment: { A: "1", B: "2" }, secrets: { B: "TOKEN" } };
  const given = environmentOf(child, { PATH: "/bin" }, values("line\nline é"));
  assert.deepEqual(given, { PATH: "/bin", A: "1", B: "line\nline é" });
});

Deno.test("a secret that no header can hold is refused without being quoted", () => {
  for (const text of ["canary\nvalue", "canary\r\nx-evil: 1", "canary\u0001", "canaryé"]) {
    assert.throws(() => headersOf(HEADERS, values(text)), (error) => {
      assert.ok(error instanceof AppError && error.code === "invalid");
      assert.match(error.message, /"TOKEN"/);
      assert.doesNotMatch(Deno.inspect(error), /canary/);
      return true;
    });
  }
});
