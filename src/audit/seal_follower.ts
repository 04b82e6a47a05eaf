import type { Sql } from "../db/mod.ts";
import { type ChainPoint, checkSealedPoint, type SealCheck } from "./chain_check.ts";
import { listSeals, type StoredSeal } from "./seal_store.ts";
import type { WriterContext, WriterReport } from "./verify_writer.ts";

const SEAL_PAGE = 500;

/** Reads the seals of a writer as its chain reaches what they signed. */
export class SealFollower {
  readonly #context: WriterContext;
  readonly #writer: string;
  readonly #check: SealCheck;
  readonly #source: AsyncGenerator<StoredSeal>;
  #next: StoredSeal | undefined | "unread" = "unread";
  #sealedN = 0;

  constructor(context: WriterContext, writer: string, check: SealCheck) {
    this.#context = context;
    this.#writer = writer;
    this.#check = check;
    this.#source = storedSeals(context.sql, writer, check.before);
  }

  get report(): Pick<WriterReport, "seals" | "sealedN" | "signers"> {
    return { seals: this.#check.count, sealedN: this.#sealedN, signers: this.#check.signers };
  }

  /** Checks the seals up to `point`. */
  async reach(point: ChainPoint): Promise<void> {
    for (let next = await this.#peek(); next; next = await this.#peek()) {
      if (next.seal && next.seal.batch > point.batch) return;
      this.#next = "unread";
      await this.#take(next, point);
    }
  }

  /** Reports the seals of what is not there any more. */
  async finish(point: ChainPoint): Promise<void> {
    for (let next = await this.#peek(); next; next = await this.#peek()) {
      this.#next = "unread";
      await this.#take(next, point);
    }
  }

  async #take({ seal, number }: StoredSeal, point: ChainPoint): Promise<void> {
    const { findings, onSeal } = this.#context;
    const writer = this.#writer;
    if (!seal) {
      return findings.add({
        writer,
        seal: number,
        what: `Seal ${number} was changed: no seal reads like this`,
      });
    }
    this.#check.add(seal);
    if (seal.batch > point.batch) {
      findings.add({
        writer,
        seal: number,
        n: point.n + 1,
        batch: point.batch + 1,
        what: `The chain ends at n=${point.n}, seal ${number} covers n=${seal.n}`,
      });
    } else if (checkSealedPoint(seal, point, this.#sealedN, findings)) {
      this.#sealedN = seal.n;
    }
    await onSeal(seal);
  }

  async #peek(): Promise<StoredSeal | undefined> {
    if (this.#next === "unread") {
      const { value, done } = await this.#source.next();
      this.#next = done ? undefined : value;
    }
    return this.#next;
  }
}

async function* storedSeals(sql: Sql, writer: string, after: number): AsyncGenerator<StoredSeal> {
  for (let last = after;;) {
    const page = await listSeals(sql, writer, last, SEAL_PAGE);
    yield* page;
    last = page.at(-1)?.number ?? last;
    if (page.length < SEAL_PAGE || Number.isNaN(last)) return;
  }
}
