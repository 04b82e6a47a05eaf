import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import {
  fromRecord,
  NO_SEAL,
  type SealBody,
  sealHash,
  sealText,
  toNote,
  toRecord,
} from "./seal_format.ts";
import { createKeyring, createSigningKey, isSigned, signStatement } from "./signing.ts";

const KEY = createSigningKey(new Uint8Array(32).fill(7));
const BODY: SealBody = {
  writer: "0a1b2c3d/gateway-0",
  seal: 1,
  n: 20,
  batch: 5,
  root: new Uint8Array(32).fill(1),
  previousSeal: NO_SEAL,
  sealedAt: Date.UTC(2026, 10, 23, 8, 15, 9, 316),
  others: { "0a1b2c3d/cli": { seal: 3, hash: "ab".repeat(32) } },
};
const SEAL = { ...BODY, keyId: KEY.keyId, signature: KEY.sign(sealText(BODY)) };

Deno.test("sealText() is the text that the format says, byte for byte", () => {
  assert.equal(
    sealText(BODY),
    "spgov-audit\n0a1b2c3d/gateway-0\n1\n20\n5\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n" +
      "0000000000000000000000000000000000000000000000000000000000000000\n2026-11-23T08:15:09.316Z\n" +
      `{"0a1b2c3d/cli":{"hash":"${"ab".repeat(32)}","seal":3}}\n`,
  );
});

Deno.test("a seal survives its record, and nothing that is none becomes one", () => {
  const record = toRecord(SEAL);
  const back = fromRecord(JSON.parse(JSON.stringify(record)));
  assert.ok(back);
  assert.deepEqual(sealHash(back), sealHash(SEAL));
  for (const name of Object.keys(record)) {
    for (const bad of [undefined, null, {}, -1, "\u0000"]) {
      const changed = { ...record, [name]: bad };
      const seal = fromRecord(changed);
      if (seal) assert.notDeepEqual(sealText(seal) + seal.keyId, sealText(SEAL) + SEAL.keyId, name);
    }
  }
});

Deno.test("a note can be checked by whoever knows the C2SP format", () => {
  const note = toNote(SEAL, KEY.publicKey);
  const [text = "", line = ""] = note.split("\n\n");
  const [dash, name, data = ""] = line.trimEnd().split(" ");
  assert.deepEqual([dash, name], ["\u2014", "spgov-audit"]);
  const bytes = Uint8Array.fromBase64(data);
  const id = createHash("sha256").update("spgov-audit\n\u0001").update(KEY.publicKey).digest();
  assert.deepEqual([...bytes.subarray(0, 4)], [...id.subarray(0, 4)]);
  const jwk = {
    kty: "OKP",
    crv: "Ed25519",
    x: KEY.publicKey.toBase64({ alphabet: "base64url", omitPadding: true }),
  };
  const key = createPublicKey({ key: jwk, format: "jwk" });
  assert.ok(verify(null, new TextEncoder().encode(`${text}\n`), key, bytes.subarray(4)));
});

Deno.test("a statement counts for its subject, its words and its key only", () => {
  const statement = signStatement(KEY, "fork", { n: 1 });
  const keyring = createKeyring([KEY.publicKey]);
  const counts = (
    value: unknown,
    subject: "fork" | "retention" = "fork",
    keys = keyring,
  ): boolean => isSigned(value, subject, keys);
  assert.ok(counts(statement));
  assert.ok(!counts(statement, "retention"));
  assert.ok(!counts({ ...statement, subject: "retention" }, "retention"));
  assert.ok(!counts({ ...statement, body: { n: 2 } }));
  const other = createSigningKey(new Uint8Array(32)).publicKey;
  assert.ok(!counts(statement, "fork", createKeyring([other])));
  for (const bad of [undefined, null, 1, "x", {}, { ...statement, signature: "!" }]) {
    assert.ok(!counts(bad));
  }
});

Deno.test("a key of another length is refused", () => {
  for (const length of [0, 31, 33, 64]) {
    assert.throws(() => createSigningKey(new Uint8Array(length)), /needs 32/);
  }
});
