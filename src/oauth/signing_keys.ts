import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import type { Pool, Sql } from "../db/mod.ts";
import type { PublicJwk } from "../egress/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { bindFields, open, seal, SecretBytes } from "../vault/mod.ts";
import {
  deleteOtherKeys,
  deleteOverKeys,
  insertKey,
  listKeys,
  lockKeys,
  type NewKey,
  retireOtherKeys,
  type StoredKey,
} from "./key_store.ts";

/** The one algorithm there is: nothing in a token chooses it. */
export const ALGORITHM = "ES256";
/** A new key is published for so long before it signs: whoever keeps key sets knows it by then. */
const PUBLISH_MS = 3_600_000;
/** A key verifies for so long after it signed last: the longest life of a token, and leeway. */
const OVERLAP_MS = 3_600_000;

/** A key that signs, and its name. */
export interface SigningKey {
  readonly kid: string;
  readonly key: CryptoKey;
}

export interface SigningKeysOptions {
  readonly sql: Pool;
  readonly clock: Clock;
  /** Derived from the master key for the purpose `oauth`. */
  readonly sealingKey: SecretBytes;
  /** Milliseconds that a key signs. */
  readonly lifeMs: () => number;
}

/** How a new key takes over. */
export interface Rotation {
  /** The others verify nothing any more. */
  readonly revoke?: boolean;
  /** Writes down that it did, in the same transaction. */
  readonly record?: (sql: Sql, kid: string) => Promise<void>;
}

/**
 * The ES256 keys of the authorization server, shared by all replicas through the database and sealed
 * there. What does not open with the master key is no key of ours, whoever wrote it into the table.
 */
export class SigningKeys {
  readonly #options: SigningKeysOptions;
  readonly #opened = new Map<string, CryptoKey>();

  constructor(options: SigningKeysOptions) {
    this.#options = options;
  }

  /** The key that signs now; made when there is none. */
  async current(): Promise<SigningKey> {
    const now = this.#options.clock.now();
    const signing = (await this.#ours()).find(({ signsFrom }) => signsFrom.getTime() <= now);
    if (!signing) {
      await this.rotate();
      return await this.current();
    }
    const key = this.#opened.get(signing.kid);
    if (!key) throw new AppError("internal", "Cannot use the signing key: it was not opened");
    return { kid: signing.kid, key };
  }

  /** What tokens of now verify with, newest first. */
  async listPublic(): Promise<readonly PublicJwk[]> {
    return (await this.#ours()).map(({ publicJwk }) => publicJwk);
  }

  /** The public half of a key of ours. */
  async findPublic(kid: string): Promise<CryptoKey | undefined> {
    const jwk = (await this.listPublic()).find((key) => key.kid === kid);
    return jwk && await importJWK({ ...jwk }, ALGORITHM) as CryptoKey;
  }

  /** Makes the next key when the newest has signed long enough, and removes those that are over. */
  async upkeep(): Promise<void> {
    await deleteOverKeys(this.#options.sql);
    await this.#insertNext((newest, now) => {
      if (!newest) return now;
      const due = newest.signsFrom.getTime() + this.#options.lifeMs() - PUBLISH_MS;
      return due <= now ? now + PUBLISH_MS : undefined;
    });
  }

  /** Lets a new key sign at once. */
  async rotate(rotation: Rotation = {}): Promise<string> {
    const kid = await this.#insertNext((_, now) => now, rotation);
    if (kid === undefined) throw new AppError("internal", "Cannot make a signing key");
    return kid;
  }

  /** Inserts a key where `signsFrom` says when it is to sign; nobody else does meanwhile. */
  async #insertNext(
    signsFrom: (newest: StoredKey | undefined, now: number) => number | undefined,
    { revoke = false, record }: Rotation = {},
  ): Promise<string | undefined> {
    return await this.#options.sql.begin(async (sql) => {
      await lockKeys(sql);
      const [newest] = await this.#open(sql);
      const now = this.#options.clock.now();
      const from = signsFrom(newest, now);
      if (from === undefined) return undefined;
      const key = await this.#make(new Date(from));
      await insertKey(sql, key);
      if (revoke) await deleteOtherKeys(sql, key.kid);
      else await retireOtherKeys(sql, key.kid, new Date(from + OVERLAP_MS));
      await record?.(sql, key.kid);
      return key.kid;
    }) as string | undefined;
  }

  async #ours(): Promise<StoredKey[]> {
    return await this.#open(this.#options.sql);
  }

  /** The stored keys that are ours, opened. */
  async #open(sql: Sql): Promise<StoredKey[]> {
    const stored = await listKeys(sql);
    const ours: StoredKey[] = [];
    for (const key of stored) {
      if (await this.#openOne(key)) ours.push(key);
    }
    return ours;
  }

  async #openOne({ kid, publicJwk, nonce, sealed }: StoredKey): Promise<boolean> {
    const bound = boundTo(publicJwk);
    const plain = await open(this.#options.sealingKey, { nonce, text: sealed }, bound);
    if (!plain || kid !== publicJwk.kid) return false;
    try {
      if (!this.#opened.has(kid)) {
        const jwk = JSON.parse(new TextDecoder().decode(plain.reveal())) as JWK;
        this.#opened.set(kid, await importJWK(jwk, ALGORITHM) as CryptoKey);
      }
      return true;
    } finally {
      plain.wipe();
    }
  }

  async #make(signsFrom: Date): Promise<NewKey> {
    const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    const publicJwk = await describe(await exportJWK(publicKey));
    const text = new TextEncoder().encode(JSON.stringify(await exportJWK(privateKey)));
    const plain = new SecretBytes(text);
    const sealed = await seal(this.#options.sealingKey, plain, boundTo(publicJwk));
    plain.wipe();
    return { kid: publicJwk.kid, publicJwk, nonce: sealed.nonce, sealed: sealed.text, signsFrom };
  }
}

async function describe({ x = "", y = "" }: JWK): Promise<PublicJwk> {
  const kid = await calculateJwkThumbprint({ kty: "EC", crv: "P-256", x, y });
  return { kty: "EC", crv: "P-256", alg: "ES256", use: "sig", kid, x, y };
}

/** The public half that a private key belongs to: another cannot be put in its place. */
function boundTo({ kid, x, y }: PublicJwk): Uint8Array {
  return bindFields(["spgov oauth key", kid, x, y]);
}
