import assert from "node:assert/strict";
import { inspect } from "node:util";
import { AppError } from "../kernel/errors.ts";
import { toHex } from "../kernel/ids.ts";
import { deriveKey, parseMasterKey } from "./keyring.ts";
import { ensureMasterKey, loadMasterKey, masterKeyPath } from "./master_key.ts";
import { SecretBytes } from "./secret_bytes.ts";

const MASTER = new SecretBytes(Uint8Array.from({ length: 32 }, (_, i) => i));
const MASTER_TEXT = btoa(String.fromCharCode(...MASTER.reveal()));

async function withHome(body: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "spgov-keys-" });
  try {
    await body(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

function codeOf(code: string): (error: unknown) => boolean {
  return (error) => error instanceof AppError && error.code === code;
}

Deno.test("deriveKey() gives each purpose a key of its own, always the same", () => {
  const purposes = ["token", "seal", "fingerprint", "vault"] as const;
  const keys = purposes.map((purpose) => toHex(deriveKey(MASTER, purpose).reveal()));
  assert.equal(new Set(keys).size, purposes.length);
  assert.deepEqual(purposes.map((p) => toHex(deriveKey(MASTER, p).reveal())), keys);
  assert.notEqual(keys[0], toHex(MASTER.reveal()));
  assert.equal(deriveKey(MASTER, "seal", 64).reveal().length, 64);
});

Deno.test("SecretBytes shows its bytes in no way but reveal()", () => {
  const holder = { nested: { key: MASTER } };
  const shown = [
    JSON.stringify(holder),
    String(MASTER),
    `${MASTER}`,
    Deno.inspect(holder),
    inspect(holder, { showHidden: true, depth: 9 }),
    JSON.stringify(Object.entries(MASTER)),
  ].join("\n");
  assert.match(shown, /\[secret\]/);
  assert.doesNotMatch(shown, /1, *2, *3|AAECAw|00010203/);
});

Deno.test("parseMasterKey() takes raw bytes and base64 of 32 bytes, nothing else", () => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  assert.equal(toHex(parseMasterKey(MASTER.reveal())?.reveal() ?? new Uint8Array()).length, 64);
  assert.deepEqual(parseMasterKey(text(`${MASTER_TEXT}\n`))?.reveal(), MASTER.reveal());
  assert.equal(parseMasterKey(text(MASTER_TEXT.slice(4))), undefined);
  assert.equal(parseMasterKey(text("")), undefined);
  assert.equal(parseMasterKey(text("not a key at all, but forty-four characters!")), undefined);
});

Deno.test("ensureMasterKey() makes one private file, the same for all who start together", async () => {
  await withHome(async (home) => {
    const all = await Promise.all(
      Array.from({ length: 8 }, () => ensureMasterKey({ home, env: {} })),
    );
    assert.equal(new Set(all.map(({ key }) => toHex(key.reveal()))).size, 1);
    assert.equal(all.filter(({ created }) => created).length, 1);
    const { mode } = await Deno.stat(masterKeyPath(home));
    assert.equal((mode ?? 0) & 0o777, 0o600);
    const left = await Array.fromAsync(Deno.readDir(`${home}/keys`), ({ name }) => name);
    assert.deepEqual(left, ["master.key"]);
    const again = await loadMasterKey({ home, env: {} });
    assert.deepEqual(again.key.reveal(), all[0]?.key.reveal());
  });
});

Deno.test("ensureMasterKey() refuses a file that others can read, and does not replace it", async () => {
  await withHome(async (home) => {
    await ensureMasterKey({ home, env: {} });
    const before = await Deno.readTextFile(masterKeyPath(home));
    for (const mode of [0o640, 0o604, 0o660]) {
      await Deno.chmod(masterKeyPath(home), mode);
      await assert.rejects(ensureMasterKey({ home, env: {} }), codeOf("invalid"));
    }
    assert.equal(await Deno.readTextFile(masterKeyPath(home)), before);
  });
});

Deno.test("ensureMasterKey() refuses a damaged file without showing or replacing it", async () => {
  await withHome(async (home) => {
    await ensureMasterKey({ home, env: {} });
    await Deno.writeTextFile(masterKeyPath(home), "hunter2hunter2");
    await assert.rejects(
      ensureMasterKey({ home, env: {} }),
      (error) => codeOf("invalid")(error) && !String(error).includes("hunter2"),
    );
    assert.equal(await Deno.readTextFile(masterKeyPath(home)), "hunter2hunter2");
  });
});

Deno.test("a key in the environment or a credential comes before the file, and none is written", async () => {
  await withHome(async (home) => {
    const env = { SPGOV_MASTER_KEY: MASTER_TEXT };
    const given = await ensureMasterKey({ home, env });
    assert.equal(given.source, "environment");
    assert.deepEqual(given.key.reveal(), MASTER.reveal());
    await Deno.writeFile(`${home}/spgov-master-key`, MASTER.reveal(), { mode: 0o400 });
    const credential = await ensureMasterKey({ home, env: { CREDENTIALS_DIRECTORY: home } });
    assert.equal(credential.source, "credential");
    assert.deepEqual(credential.key.reveal(), MASTER.reveal());
    await assert.rejects(Deno.stat(masterKeyPath(home)), Deno.errors.NotFound);
  });
});

Deno.test("a bad key in the environment is refused, not passed over", async () => {
  await withHome(async (home) => {
    const env = { SPGOV_MASTER_KEY: "c2hvcnQ=" };
    await assert.rejects(
      ensureMasterKey({ home, env }),
      (error) => codeOf("invalid")(error) && !String(error).includes("c2hvcnQ"),
    );
    const passphrase = { SPGOV_MASTER_KEY: "thirty-two characters of a phras" };
    await assert.rejects(ensureMasterKey({ home, env: passphrase }), codeOf("invalid"));
    await assert.rejects(Deno.stat(masterKeyPath(home)), Deno.errors.NotFound);
  });
});

Deno.test("loadMasterKey() does not make a key", async () => {
  await withHome(async (home) => {
    await assert.rejects(loadMasterKey({ home, env: {} }), codeOf("not_found"));
    await assert.rejects(Deno.stat(`${home}/keys`), Deno.errors.NotFound);
  });
});
