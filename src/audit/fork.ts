import type { Pool, Sql } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { appendRows, type EventInput, eventRow } from "./append.ts";
import { takeHead } from "./batch_store.ts";
import { contains, findLostChains, type LostChain } from "./check_heads.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { type Seal, sealHash } from "./seal_format.ts";
import { type SigningKey, signStatement, type Statement } from "./signing.ts";

/** `target` of the rows that record a decision to go on after rows were lost. */
export const FORK_TARGET = "audit:fork";

export interface ForkOptions {
  readonly key: SigningKey;
  readonly checkpoint: Checkpoint;
  readonly clock: Clock;
  /** The chain that takes the row about it. */
  readonly writer: string;
  /** Who decided it. */
  readonly actor: Pick<EventInput, "userId" | "role" | "surface" | "clientId">;
  readonly reason: string;
}

/** One chain that goes on from where the database has it. */
export interface Fork {
  readonly chain: LostChain;
  /** The newest seal outside that the database still has. */
  readonly base: Seal | undefined;
  readonly statement: Statement;
}

/**
 * Goes on from a database that lost rows: each chain that lost some gets a new epoch, which fences whoever
 * still writes to it, a signed statement of what is gone, in a row of the log and in the copies of the
 * seals. Throws `conflict` when nothing was lost. Stop the service first.
 */
export async function forkChains(sql: Pool, options: ForkOptions): Promise<readonly Fork[]> {
  const { checkpoint, clock, writer, actor, reason } = options;
  const forks = await sql.begin(async (tx) => {
    const made: Fork[] = [];
    for (const chain of await findLostChains(tx, checkpoint)) {
      made.push(await makeFork(tx, chain, options));
    }
    if (made.length === 0) {
      throw new AppError("conflict", "The audit log lost nothing: there is no fork to record");
    }
    const row = eventRow({
      ...actor,
      kind: "system",
      target: FORK_TARGET,
      decision: "ok",
      detail: { reason, statements: made.map(({ statement }) => statement) },
    }, clock.now());
    await appendRows(tx, writer, [row]);
    return made;
  }) as Fork[];
  // The row first: a crash before the last line leaves a log that still refuses to start.
  for (const { chain, base, statement } of forks) {
    await checkpoint.appendFork(chain.writer, statement, base);
  }
  return forks;
}

async function makeFork(
  sql: Sql,
  chain: LostChain,
  { key, checkpoint, clock, reason }: ForkOptions,
): Promise<Fork> {
  const epoch = crypto.randomUUID();
  await takeHead(sql, chain.writer, epoch);
  const base = await findBase(sql, checkpoint, chain.writer);
  const statement = signStatement(key, "fork", {
    writer: chain.writer,
    reason,
    at: new Date(clock.now()).toISOString(),
    epoch,
    n: chain.n,
    batch: chain.batch,
    base_seal: base?.seal ?? 0,
    lost: {
      seal: chain.sealed.seal,
      n: chain.sealed.n,
      batch: chain.sealed.batch,
      hash: sealHash(chain.sealed).toHex(),
    },
  });
  return { chain, base, statement };
}

/** The newest seal outside that the database contains. */
async function findBase(
  sql: Sql,
  checkpoint: Checkpoint,
  writer: string,
): Promise<Seal | undefined> {
  const seals: Seal[] = [];
  for await (const line of checkpoint.read(writer)) {
    if (line.kind === "fork") { while ((seals.at(-1)?.seal ?? 0) > line.base) seals.pop(); }
    if (line.kind === "seal") seals.push(line.seal);
  }
  // What a chain contains it contains up to some seal: halve.
  let [low, high] = [0, seals.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const seal = seals[middle - 1];
    if (seal && await contains(sql, seal)) low = middle;
    else high = middle - 1;
  }
  return seals[low - 1];
}
