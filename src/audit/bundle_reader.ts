import { parseExactly } from "../kernel/exact_json.ts";
import { canonicalJson } from "../kernel/canonical_json.ts";
import {
  BUNDLE_FORMAT,
  BUNDLE_VERSION,
  type BundleChain,
  type BundleHeader,
} from "./bundle_format.ts";
import { HASH_BYTES } from "./chain.ts";
import {
  ChainCheck,
  type ChainPoint,
  checkSealedPoint,
  equalBytes,
  genesis,
  SealCheck,
} from "./chain_check.ts";
import type { Findings } from "./finding.ts";
import { isLeafOf } from "./row_check.ts";
import { fromRecord, type SealRecord } from "./seal_format.ts";
import { createKeyring, fromBase64, keyIdOf, type Keyring } from "./signing.ts";

/** Whose signatures count. */
export interface Trust {
  /** Accept signatures of this key id only. */
  readonly pin?: string | undefined;
  /** Raw public keys to trust beside those that are carried along. */
  readonly keys?: readonly Uint8Array[];
}

type Members = Readonly<Record<string, unknown>>;

const NO_LEAVES = new Uint8Array(0);

/** The chain that the lines are in now. */
interface Section {
  readonly writer: string;
  readonly start: ChainPoint;
  readonly chain: ChainCheck;
  readonly seals: SealCheck;
  readonly signers: Set<string>;
  leaves: Uint8Array;
  firstN: number;
  rows: number;
  batches: number;
  sealedBatch: number | undefined;
  sealedN: number;
  lastRow: number;
}

/** Takes the lines of a bundle one by one. */
export class BundleReader {
  readonly chains: BundleChain[] = [];
  header: BundleHeader | undefined;
  readonly #findings: Findings;
  readonly #options: Trust;
  readonly #signers = new Set<string>();
  readonly #named = new Set<string>();
  #keyring: Keyring = createKeyring();
  #section: Section | undefined;
  #line = 0;
  #ended = false;
  #given = { chains: 0, batches: 0, rows: 0, seals: 0 };

  constructor(findings: Findings, options: Trust) {
    this.#findings = findings;
    this.#options = options;
  }

  get keyIds(): readonly string[] {
    return [...this.#signers].sort();
  }

  take(line: string): void {
    this.#line++;
    const value = parseCanonical(line);
    const [kind, content] = Object.entries(value ?? {})[0] ?? [];
    if (kind === undefined || !isMembers(content)) return this.#bad("is no line of a bundle");
    if (this.#ended) return this.#bad("stands after the end");
    if (this.#line === 1) return this.#begin(kind, content);
    if (!this.header) return;
    if (kind === "chain") return this.#beginChain(content);
    if (kind === "end") return this.#end(content);
    if (!this.#section) return this.#bad("belongs to no chain");
    if (kind === "batch") return this.#takeBatch(this.#section, content);
    if (kind === "row") return this.#takeRow(this.#section, content);
    if (kind === "seal") return this.#takeSeal(this.#section, content);
    this.#bad(`is of unknown kind "${kind}"`);
  }

  finish(): void {
    this.#endChain();
    if (!this.#ended) {
      this.#findings.add({ what: "The bundle is cut off: its last line is missing" });
    }
    const isWhole = this.header && Object.keys(this.header.filter).length === 0;
    const present = new Set(this.chains.map(({ writer }) => writer));
    for (const writer of isWhole ? this.#named : []) {
      if (present.has(writer)) continue;
      this.#findings.add({
        writer,
        what: `Seals name the chain "${writer}", which is not in the bundle`,
      });
    }
  }

  #bad(what: string): void {
    this.#findings.add({ what: `Line ${this.#line} ${what}` });
  }

  #begin(kind: string, content: Members): void {
    const header = content as unknown as BundleHeader;
    const isKnown = kind === "bundle" && header.format === BUNDLE_FORMAT &&
      header.version === BUNDLE_VERSION && isMembers(header.filter) &&
      isMembers(header.public_keys);
    if (!isKnown) return this.#bad("is no beginning of a bundle that this version can read");
    this.header = header;
    const { keys = [], pin } = this.#options;
    const carried = Object.values(header.public_keys).flatMap((text) => fromBase64(text) ?? []);
    const trusted = [...keys, ...carried].filter((key) =>
      pin === undefined || keyIdOf(key) === pin
    );
    this.#keyring = createKeyring(trusted);
  }

  #beginChain({ writer, n, batch, root: text }: Members): void {
    this.#endChain();
    this.#given.chains++;
    const root = fromBase64(text);
    if (typeof writer !== "string" || !isNumber(n) || !isNumber(batch) || !root) {
      this.#section = undefined;
      return this.#bad("is no beginning of a chain");
    }
    const first = genesis(writer);
    const start = { n, batch, root };
    if (batch === 0 && (n !== 0 || !equalBytes(root, first.root))) {
      this.#bad("begins a chain with another root than such a chain has");
    }
    this.#section = {
      writer,
      start,
      chain: new ChainCheck(writer, start, this.#findings),
      seals: new SealCheck(writer, this.#keyring, this.#findings, batch === 0 ? 0 : undefined),
      signers: this.#signers,
      leaves: NO_LEAVES,
      firstN: n + 1,
      rows: 0,
      batches: 0,
      sealedBatch: batch === 0 ? 0 : undefined,
      sealedN: n,
      lastRow: n,
    };
  }

  #takeBatch(section: Section, content: Members): void {
    const { batch, first_n: firstN } = content;
    const [leaves, root, previousRoot] = [content.leaves, content.root, content.previous_root]
      .map(fromBase64);
    if (!isNumber(batch) || !isNumber(firstN) || !leaves || !root || !previousRoot) {
      return this.#bad("is no batch");
    }
    if (section.sealedBatch === undefined) {
      this.#bad("comes before the seal that proves where the chain begins");
      section.sealedBatch = section.start.batch;
    }
    section.chain.add({ batch, firstN, leaves, root, previousRoot });
    section.leaves = leaves;
    section.firstN = firstN;
    section.batches++;
    this.#given.batches++;
  }

  #takeRow(section: Section, { n, data }: Members): void {
    this.#given.rows++;
    section.rows++;
    const { writer, leaves, firstN, chain: { point } } = section;
    const index = Number(n) - firstN;
    if (!isNumber(n) || !isMembers(data) || index < 0 || index >= leaves.length / HASH_BYTES) {
      return this.#bad("is no row of the batch before it");
    }
    if (n <= section.lastRow) return this.#bad(`has row n=${n} out of order`);
    section.lastRow = n;
    if (isLeafOf(canonicalJson(data), leaves, index)) return;
    const row = String(data.id);
    const what = `The row at n=${n} was changed: it does not hash to its leaf`;
    this.#findings.add({ writer, n, batch: point.batch, row, what });
  }

  #takeSeal(section: Section, record: SealRecord): void {
    this.#given.seals++;
    const seal = fromRecord(record);
    if (seal?.writer !== section.writer) return this.#bad("is no seal of this chain");
    section.seals.add(seal);
    section.leaves = NO_LEAVES;
    for (const name of Object.keys(seal.others)) this.#named.add(name);
    if (checkSealedPoint(seal, section.chain.point, section.sealedN, this.#findings)) {
      section.sealedN = seal.n;
      section.sealedBatch = seal.batch;
    }
  }

  #endChain(): void {
    const section = this.#section;
    if (!section) return;
    const { writer, start, chain: { point }, seals, rows, batches } = section;
    for (const id of seals.signers) this.#signers.add(id);
    if (section.sealedN < point.n) {
      const what = `No seal proves the rows after n=${section.sealedN}`;
      this.#findings.add({ writer, n: section.sealedN + 1, what });
    }
    this.chains.push({
      writer,
      firstN: start.n + 1,
      lastN: point.n,
      rows,
      batches,
      seals: seals.count,
    });
    this.#section = undefined;
  }

  #end(counts: Members): void {
    this.#endChain();
    this.#ended = true;
    for (const [name, count] of Object.entries(this.#given)) {
      if (counts[name] === count) continue;
      this.#findings.add({
        what: `The bundle had ${counts[name]} ${name} when it was made, now ${count}`,
      });
    }
  }
}

/** The value of a line that is exactly the canonical JSON of its value. */
function parseCanonical(line: string): unknown {
  try {
    const value = parseExactly(line);
    return canonicalJson(value) === line ? value : undefined;
  } catch {
    return undefined;
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
