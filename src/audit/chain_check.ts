import { genesisRoot, HASH_BYTES, nextRoot } from "./chain.ts";
import type { Findings } from "./finding.ts";
import { NO_SEAL, type Seal, sealHash, sealText } from "./seal_format.ts";
import type { Keyring } from "./signing.ts";

/** One entry of the skeleton. */
export interface SkeletonBatch {
  readonly batch: number;
  readonly firstN: number;
  readonly leaves: Uint8Array;
  readonly root: Uint8Array;
  readonly previousRoot: Uint8Array;
}

/** Where a chain stands: after its batch `batch`, which ended with row `n`. */
export interface ChainPoint {
  readonly n: number;
  readonly batch: number;
  readonly root: Uint8Array;
}

export function genesis(writer: string): ChainPoint {
  return { n: 0, batch: 0, root: genesisRoot(writer) };
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Follows the batches of one writer in order. After a finding it goes on from what is stored, so that one
 * change is reported once, where it is.
 */
export class ChainCheck {
  readonly #writer: string;
  readonly #findings: Findings;
  #point: ChainPoint;

  constructor(writer: string, start: ChainPoint, findings: Findings) {
    this.#writer = writer;
    this.#point = start;
    this.#findings = findings;
  }

  get point(): ChainPoint {
    return this.#point;
  }

  /** Takes the next batch. */
  add(next: SkeletonBatch): void {
    const { n, batch, root } = this.#point;
    const found = (what: string): void =>
      this.#findings.add({ writer: this.#writer, batch: next.batch, n: next.firstN, what });
    const rows = next.leaves.length / HASH_BYTES;
    if (next.batch !== batch + 1) {
      this.#missing(batch + 1, n + 1, next.batch - 1);
    } else if (next.firstN !== n + 1) {
      found(`Batch ${next.batch} starts at n=${next.firstN}, the one before ended at n=${n}`);
    }
    if (rows === 0 || !Number.isInteger(rows)) {
      found(
        `Batch ${next.batch} has ${next.leaves.length} bytes of leaves, not ${HASH_BYTES} a row`,
      );
    }
    if (next.batch === batch + 1 && !equalBytes(next.previousRoot, root)) {
      found(`Batch ${next.batch} does not continue from the root of batch ${batch}`);
    }
    if (!equalBytes(nextRoot(next.previousRoot, next.leaves), next.root)) {
      found(`The root of batch ${next.batch} does not follow from its leaves`);
    }
    const last = next.firstN + Math.floor(rows) - 1;
    this.#point = { n: last, batch: next.batch, root: next.root };
  }

  #missing(from: number, n: number, to: number): void {
    const which = from === to ? `Batch ${from} is` : `Batches ${from} to ${to} are`;
    this.#findings.add({ writer: this.#writer, batch: from, n, what: `${which} missing` });
  }
}

/** Follows the seals of one writer in order: numbers, links, times and signatures. */
export class SealCheck {
  readonly #writer: string;
  readonly #findings: Findings;
  readonly #keyring: Keyring;
  readonly #signers = new Set<string>();
  readonly #unknown = new Set<string>();
  #last: Seal | undefined;
  #lastNumber: number | undefined;
  #count = 0;

  /** @param before Number of the seal before the first one; undefined when the first may have any. */
  constructor(writer: string, keyring: Keyring, findings: Findings, before: number | undefined) {
    this.#writer = writer;
    this.#keyring = keyring;
    this.#findings = findings;
    this.#lastNumber = before;
  }

  get last(): Seal | undefined {
    return this.#last;
  }

  /** Number of the newest seal that was taken, or of the one before the first. */
  get before(): number {
    return this.#lastNumber ?? 0;
  }

  get count(): number {
    return this.#count;
  }

  /** Ids of the keys whose signatures were good. */
  get signers(): readonly string[] {
    return [...this.#signers];
  }

  /** Takes the next seal. What the first of a range links to is not at hand. */
  add(seal: Seal): void {
    const found = (what: string, number = seal.seal): void =>
      this.#findings.add({ writer: this.#writer, seal: number, n: seal.n, what });
    const expected = (this.#lastNumber ?? seal.seal - 1) + 1;
    const isLinked = this.#last !== undefined || seal.seal === 1;
    if (seal.seal !== expected) {
      found(`Seal ${expected} is missing`, expected);
    } else if (isLinked && !equalBytes(seal.previousSeal, this.#hashOfLast())) {
      found(`Seal ${seal.seal} does not continue from the seal before`);
    }
    if (this.#last && (seal.n < this.#last.n || seal.batch < this.#last.batch)) {
      found(`Seal ${seal.seal} covers fewer rows than the seal before`);
    }
    if (this.#last && seal.sealedAt < this.#last.sealedAt) {
      found(`Seal ${seal.seal} is older than the seal before`);
    }
    this.#checkSignature(seal, found);
    this.#last = seal;
    this.#lastNumber = seal.seal;
    this.#count++;
  }

  #hashOfLast(): Uint8Array {
    return this.#last ? sealHash(this.#last) : NO_SEAL;
  }

  #checkSignature(seal: Seal, found: (what: string) => void): void {
    const result = this.#keyring.check(seal.keyId, sealText(seal), seal.signature);
    if (result === "good") this.#signers.add(seal.keyId);
    if (result === "bad") found(`The signature of seal ${seal.seal} is wrong`);
    if (result === "unknown" && !this.#unknown.has(seal.keyId)) {
      this.#unknown.add(seal.keyId);
      found(`Seal ${seal.seal} is signed by key ${seal.keyId}, which is not known here`);
    }
  }
}

/**
 * Says whether `seal` signs the chain as it stands at `point`, the state after the seal's batch; if it
 * does not, the change lies after `goodN`, the last row that an earlier seal proved.
 */
export function checkSealedPoint(
  seal: Seal,
  point: ChainPoint,
  goodN: number,
  findings: Findings,
): boolean {
  const what = seal.n !== point.n
    ? `Seal ${seal.seal} covers n=${seal.n}, batch ${seal.batch} ends at n=${point.n}`
    : equalBytes(seal.root, point.root)
    ? undefined
    : `Seal ${seal.seal} signs another root than batch ${seal.batch} has: rewritten after n=${goodN}`;
  if (what === undefined) return true;
  findings.add({ writer: seal.writer, seal: seal.seal, batch: seal.batch, n: goodN + 1, what });
  return false;
}
