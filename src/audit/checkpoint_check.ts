import type { Sql } from "../db/mod.ts";
import { equalBytes } from "./chain_check.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Findings } from "./finding.ts";
import { type Seal, sealHash, sealText } from "./seal_format.ts";
import { findSeals } from "./seal_store.ts";
import { isSigned, type Keyring } from "./signing.ts";

interface Context {
  readonly sql: Sql;
  readonly checkpoint: Checkpoint;
  readonly keyring: Keyring;
  readonly findings: Findings;
}

const AT_ONCE = 500;

/**
 * Compares the copies of a writer's seals with the database, whose head stands at `headN`. Seals that the
 * database has on top are no finding: a copy follows its seal. Only the first seal that differs is reported.
 * `lines` of the file are looked at: those that were there before the database was read.
 */
export async function verifyCheckpoint(
  context: Context,
  writer: string,
  headN: number,
  lines = Infinity,
): Promise<{ copies: number; forks: number }> {
  const { findings, checkpoint } = context;
  const forks = await readForks(context, writer);
  let page: Seal[] = [];
  let [copies, index] = [0, 0];
  let goodN = 0;
  let clean = true;
  const flush = async (): Promise<void> => {
    if (clean && page.length > 0) {
      const bad = await firstDifference(context, page);
      goodN = (bad === undefined ? page.at(-1) : page[bad - 1])?.n ?? goodN;
      const seal = bad === undefined ? undefined : page[bad];
      if (seal) {
        clean = false;
        const what = describe(seal, headN, context.keyring);
        findings.add({
          writer,
          seal: seal.seal,
          n: Math.min(goodN, headN) + 1,
          batch: seal.batch,
          what,
        });
      }
    }
    page = [];
  };
  for await (const line of checkpoint.read(writer)) {
    if (++index > lines) break;
    if (line.kind === "damaged") {
      findings.add({
        writer,
        what: `Line ${line.line} of the seals outside the database is damaged`,
      });
    }
    if (line.kind !== "seal" || isTakenOut(line.seal.seal, index, forks)) continue;
    copies++;
    page.push(line.seal);
    if (page.length >= AT_ONCE) await flush();
  }
  await flush();
  return { copies, forks: forks.length };
}

interface Fork {
  /** Its place in the file. */
  readonly index: number;
  readonly base: number;
}

/** The forks in the file that the seal key signed. */
async function readForks(
  { checkpoint, keyring, findings }: Context,
  writer: string,
): Promise<Fork[]> {
  const forks: Fork[] = [];
  let index = 0;
  for await (const line of checkpoint.read(writer)) {
    index++;
    if (line.kind !== "fork") continue;
    if (isSigned(line.fork, "fork", keyring)) forks.push({ index, base: line.base });
    else {findings.add({
        writer,
        what: `The fork in line ${index} of the seals outside is not signed`,
      });}
  }
  return forks;
}

function isTakenOut(seal: number, index: number, forks: readonly Fork[]): boolean {
  return forks.some((fork) => fork.index > index && fork.base < seal);
}

async function firstDifference(
  { sql }: Context,
  seals: readonly Seal[],
): Promise<number | undefined> {
  const stored = new Map(
    (await findSeals(sql, seals.map(({ writer, seal }) => ({ writer, seal }))))
      .map(({ number, seal }) => [number, seal]),
  );
  const index = seals.findIndex((seal) => {
    const found = stored.get(seal.seal);
    return !found || !equalBytes(sealHash(found), sealHash(seal));
  });
  return index < 0 ? undefined : index;
}

function describe(seal: Seal, headN: number, keyring: Keyring): string {
  if (keyring.check(seal.keyId, sealText(seal), seal.signature) === "bad") {
    return `The copy of seal ${seal.seal} outside the database has a wrong signature`;
  }
  if (headN < seal.n) {
    return `The database ends at n=${headN}, seal ${seal.seal} outside it covers n=${seal.n}: ` +
      "the tail was cut, or an older backup was restored";
  }
  return `Seal ${seal.seal} outside the database is not the one inside: the log was rewritten`;
}
