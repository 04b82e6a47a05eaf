import assert from "node:assert/strict";
import { createSecretScanner, secretsConfig } from "../../src/governance/mod.ts";
import { negatives, positives } from "../corpus/secrets/mod.ts";
import { FORMATS } from "../corpus/secrets/formats.ts";
import { createRandom } from "../corpus/secrets/random.ts";

const scanner = createSecretScanner(secretsConfig.parse({}), new TextEncoder().encode("test key"));
const kindsIn = (value: unknown) => scanner.scan(value, "$").findings.map((each) => each.kind);

Deno.test("nothing in the hard negatives is taken for a credential", () => {
  const wrong = negatives().flatMap((each) =>
    kindsIn(each.input).map((kind) => `${kind}: ${each.variant}`)
  );
  const found = positives().filter((each) => kindsIn(each.input).length > 0).length;
  assert.ok(found / (found + wrong.length) >= 0.995, wrong.join("\n"));
});

Deno.test("near misses of a fixed form pass: cut short, masked, or words in place of the random part", () => {
  const random = createRandom(7);
  const strict = FORMATS.filter(([, template]) =>
    /^[A-Za-z0-9_-]{3,}\{(?:b62|hex|a36|A36|b64u):(?:3\d|[4-9]\d)\}$/.test(template)
  );
  assert.ok(strict.length >= 60, String(strict.length));
  for (const [kind, template] of strict) {
    const mark = template.slice(0, template.indexOf("{"));
    const size = Number(/:(\d+)\}/.exec(template)?.[1]);
    const near = [
      mark + random.fill(`{b62:6}`),
      mark + "x".repeat(size),
      mark + "X".repeat(size - 1),
      `${mark}${"your-token-here-".repeat(4)}`.slice(0, mark.length + size),
    ];
    for (const text of near) {
      assert.deepEqual(kindsIn({ prompt: `see ${text} in the docs` }), [], `${kind}: ${text}`);
    }
  }
});

Deno.test("a vendor's documented example passes, the same with one character changed does not", () => {
  const id = "AKIA" + "IOSFODNN7EXAMPLE";
  assert.deepEqual(kindsIn({ v: id }), []);
  assert.deepEqual(kindsIn({ v: id.replace("7", "6") }), ["aws_access_key_id"]);
  const key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLE" + "KEY";
  assert.deepEqual(kindsIn({ aws_secret_access_key: key }), []);
  assert.deepEqual(kindsIn({ aws_secret_access_key: key.replace("w", "v") }), [
    "aws_secret_access_key",
  ]);
});

Deno.test("the word EXAMPLE in or beside a real key does not let it through", () => {
  const random = createRandom(11);
  for (let i = 0; i < 50; i++) {
    const token = random.fill("ghp_{b62:29}") + "EXAMPLE";
    assert.deepEqual(kindsIn({ command: `echo EXAMPLE test fake ${token} EXAMPLE` }), [
      "github_pat",
    ]);
  }
});

Deno.test("entropy alone is never a reason", () => {
  const random = createRandom(13);
  for (let i = 0; i < 200; i++) {
    const value = random.fill("{b62:40}");
    assert.deepEqual(kindsIn({ value, note: `see ${value}` }), []);
  }
});

Deno.test("the operator's kinds, allow-list and switched off kinds are obeyed", () => {
  const random = createRandom(17);
  const [own, fixture, other] = [
    random.fill("acme_{b62:32}"),
    random.fill("ghp_{b62:36}"),
    random.fill("npm_{b62:36}"),
  ];
  const config = secretsConfig.parse({
    kinds: [{
      kind: "acme_key",
      provider: "Acme",
      description: "a key",
      anchors: ["acme_"],
      expression: "acme_[A-Za-z0-9]{32}",
    }],
    allow: { values: [{ glob: `${fixture.slice(0, 12)}*` }], paths: ["$.fixtures.*"] },
    disabled: ["npm_token"],
  });
  const custom = createSecretScanner(config, new Uint8Array(32));
  const kinds = (value: unknown) => custom.scan(value, "$").findings.map((each) => each.kind);
  assert.deepEqual(kinds({ v: `x ${own} y` }), ["acme_key"]);
  assert.deepEqual(kinds({ v: fixture, w: other }), []);
  assert.deepEqual(kinds({ fixtures: { a: random.fill("ghp_{b62:36}") } }), []);
  assert.deepEqual(kinds({ a: random.fill("ghp_{b62:36}") }), ["github_pat"]);
  assert.ok(custom.kinds.some((kind) => kind.kind === "acme_key"));
  assert.ok(!custom.kinds.some((kind) => kind.kind === "npm_token"));
});

Deno.test("an operator's expression that is not linear is refused with the reason", () => {
  const attempt = (expression: string) =>
    secretsConfig.safeParse({
      kinds: [{
        kind: "acme_key",
        provider: "Acme",
        description: "a key",
        anchors: ["acme_"],
        expression,
      }],
    });
  for (
    const bad of [
      "acme_\\w+",
      "acme_.*",
      "acme_(?:a{1,9}){1,9}",
      "acme_(a|b){2,9}",
      "(?=acme_)acme_a",
      "(a)\\1acme",
      "acme_[a-z]{1,9999}",
      "acme_[",
      "acme_\\w{3,}",
    ]
  ) {
    assert.ok(!attempt(bad).success, bad);
  }
  for (
    const good of [
      "acme_[a-z0-9]{32}",
      "acme_(?:live|test)_\\w{8,64}",
      "acme_[a-z]{3}(?:-[a-z]{4})?",
    ]
  ) {
    assert.ok(attempt(good).success, good);
  }
  assert.ok(!secretsConfig.safeParse({ kindz: [] }).success);
});
