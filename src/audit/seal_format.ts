import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { canonicalJson } from "../kernel/canonical_json.ts";
import { HASH_BYTES } from "./chain.ts";
import { fromBase64 } from "./signing.ts";

/** The newest seal of another writer, as a seal names it. `hash` is hexadecimal. */
export interface SealReference {
  readonly seal: number;
  readonly hash: string;
}

/** What a seal signs: the state of one writer's chain, the seal before, and where the other chains stood. */
export interface SealBody {
  readonly writer: string;
  /** Counts from 1. */
  readonly seal: number;
  readonly n: number;
  readonly batch: number;
  readonly root: Uint8Array;
  /** Hash of the seal before; 32 zero bytes in seal 1. */
  readonly previousSeal: Uint8Array;
  /** Milliseconds since the epoch; never less than in the seal before. */
  readonly sealedAt: number;
  readonly others: Readonly<Record<string, SealReference>>;
}

export interface Seal extends SealBody {
  readonly keyId: string;
  readonly signature: Uint8Array;
}

export const NO_SEAL = new Uint8Array(HASH_BYTES);

/** The text that a seal's signature covers. See verify.ts. */
export function sealText(seal: SealBody): string {
  return [
    "spgov-audit",
    seal.writer,
    seal.seal,
    seal.n,
    seal.batch,
    seal.root.toBase64(),
    seal.previousSeal.toHex(),
    new Date(seal.sealedAt).toISOString(),
    canonicalJson(seal.others),
    "",
  ].join("\n");
}

/** SHA-256 over the signed text and the signature: what the next seal and other chains refer to. */
export function sealHash(seal: Seal): Uint8Array {
  return createHash("sha256").update(sealText(seal)).update(seal.signature).digest();
}

const NOTE_NAME = "spgov-audit";

/** The seal as a C2SP signed note, for tools that know the format. */
export function toNote(seal: Seal, publicKey: Uint8Array): string {
  const id = createHash("sha256").update(`${NOTE_NAME}\n\x01`).update(publicKey).digest();
  const line = Buffer.concat([id.subarray(0, 4), seal.signature]).toString("base64");
  return `${sealText(seal)}\n\u2014 ${NOTE_NAME} ${line}\n`;
}

/** A seal as it stands in checkpoint files and bundles. */
export type SealRecord = Readonly<Record<string, unknown>>;

export function toRecord(seal: Seal): SealRecord {
  return {
    writer: seal.writer,
    seal: seal.seal,
    n: seal.n,
    batch: seal.batch,
    root: seal.root.toBase64(),
    previous_seal: seal.previousSeal.toHex(),
    sealed_at: new Date(seal.sealedAt).toISOString(),
    others: seal.others,
    key_id: seal.keyId,
    signature: seal.signature.toBase64(),
  };
}

/** The seal of a record; undefined when it is none. */
export function fromRecord(value: unknown): Seal | undefined {
  const record = (value ?? {}) as SealRecord;
  const root = fromBase64(record.root);
  const signature = fromBase64(record.signature);
  const previousSeal = fromHex(record.previous_seal);
  const sealedAt = Date.parse(String(record.sealed_at));
  const { writer, seal, n, batch, others, key_id: keyId } = record;
  if (!root || !signature || !previousSeal || Number.isNaN(sealedAt)) return undefined;
  if (typeof writer !== "string" || typeof keyId !== "string") return undefined;
  if (!isCount(seal) || !isCount(n) || !isCount(batch) || !isReferences(others)) return undefined;
  return { writer, seal, n, batch, root, previousSeal, sealedAt, others, keyId, signature };
}

/** Whether `value` maps writers to references. */
export function isReferences(value: unknown): value is SealBody["others"] {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((reference: Partial<SealReference> | null) =>
      isCount(reference?.seal) && typeof reference?.hash === "string"
    );
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function fromHex(text: unknown): Uint8Array | undefined {
  return typeof text === "string" && /^(?:[0-9a-f]{2})*$/.test(text)
    ? Uint8Array.fromHex(text)
    : undefined;
}
