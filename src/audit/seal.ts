import type { Sql } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { pause } from "../kernel/pause.ts";
import { NO_SEAL, type Seal, type SealBody, sealHash, sealText } from "./seal_format.ts";
import { type HeadMark, insertSeal, listHeads, listNewestSeals, listSeals } from "./seal_store.ts";
import type { SigningKey } from "./signing.ts";

export interface SealerOptions {
  readonly sql: Sql;
  readonly key: SigningKey;
  readonly checkpoint: Checkpoint;
  readonly clock: Clock;
  readonly log: Log;
  /** Only chains of this instance are sealed: those of writers named `<instance>/…`. */
  readonly instance: string;
  readonly everyMs?: number;
  readonly everyRows?: number;
  /** How long a chain that does not grow goes without a seal. */
  readonly heartbeatMs?: number;
}

export interface Sealer {
  /** Seals every chain of this instance that moved since its last seal; answers the new seals. */
  sealAll(): Promise<readonly Seal[]>;
  /** Seals every 10 s or 4,096 rows until `signal` aborts, then once more. Outlives a lost database. */
  run(signal: AbortSignal): Promise<void>;
}

const POLL_MS = 250;
const EXPORT_PAGE = 500;

/** Makes the sealer of one instance; run it in one isolate only, the one that holds the key. */
export function createSealer(options: SealerOptions): Sealer {
  const { clock, log, everyMs = 10_000, everyRows = 4096 } = options;
  let nextAt = 0;
  /** Heads at the last pass: what has to have moved. */
  let seen = new Map<string, number>();

  async function sealAll(): Promise<readonly Seal[]> {
    const heads = await listHeads(options.sql, `${options.instance}/`);
    const seals = await sealHeads(options, heads);
    seen = new Map(heads.map((head) => [head.writer, head.n]));
    nextAt = clock.monotonic() + everyMs;
    return seals;
  }
  async function isDue(): Promise<boolean> {
    if (clock.monotonic() >= nextAt) return true;
    const heads = await listHeads(options.sql, `${options.instance}/`);
    return heads.some((head) => head.n - (seen.get(head.writer) ?? 0) >= everyRows);
  }
  async function tick(): Promise<void> {
    try {
      if (await isDue()) await sealAll();
    } catch (error) {
      log.error("The audit cannot be sealed", { cause: messageOf(error) });
      nextAt = clock.monotonic() + 1000;
    }
  }
  return {
    sealAll,
    async run(signal) {
      while (!signal.aborted) {
        await tick();
        await pause(POLL_MS, signal);
      }
      nextAt = 0;
      await tick();
    },
  };
}

async function sealHeads(options: SealerOptions, heads: readonly HeadMark[]): Promise<Seal[]> {
  const newest = new Map((await listNewestSeals(options.sql)).map((seal) => [seal.writer, seal]));
  const seals: Seal[] = [];
  for (const head of heads) {
    const before = newest.get(head.writer);
    if (await isBehind(options, head, before)) continue;
    if (isSealNeeded(head, before, options)) {
      const seal = await sealHead(options, head, newest);
      if (!seal) continue;
      newest.set(seal.writer, seal);
      seals.push(seal);
    }
    await exportSeals(options, head.writer);
  }
  return seals;
}

/** Whether the database lost what was sealed: a restored backup, say. Nothing is sealed on top of that. */
async function isBehind(
  { checkpoint, log }: SealerOptions,
  { writer, n }: HeadMark,
  before: Seal | undefined,
): Promise<boolean> {
  const copied = await checkpoint.newest(writer);
  const sealed = Math.max(copied?.seal ?? 0, before?.seal ?? 0);
  const sealedN = Math.max(copied?.n ?? 0, before?.n ?? 0);
  if (n >= sealedN && sealed === (before?.seal ?? 0)) return false;
  log.error("The audit in the database is behind its seals", { writer, n, sealed_n: sealedN });
  return true;
}

function isSealNeeded(
  head: HeadMark,
  before: Seal | undefined,
  { clock, heartbeatMs = 600_000 }: SealerOptions,
): boolean {
  if (!before) return head.n > 0;
  return head.n > before.n || clock.now() - before.sealedAt >= heartbeatMs;
}

async function sealHead(
  { sql, key, clock, log }: SealerOptions,
  head: HeadMark,
  newest: ReadonlyMap<string, Seal>,
): Promise<Seal | undefined> {
  const before = newest.get(head.writer);
  const body: SealBody = {
    writer: head.writer,
    seal: (before?.seal ?? 0) + 1,
    n: head.n,
    batch: head.batch,
    root: head.root,
    previousSeal: before ? sealHash(before) : NO_SEAL,
    sealedAt: Math.max(Math.floor(clock.now()), before?.sealedAt ?? 0),
    others: referencesTo(newest, head.writer),
  };
  const seal = { ...body, keyId: key.keyId, signature: key.sign(sealText(body)) };
  if (await insertSeal(sql, seal)) return seal;
  log.warn("Somebody else sealed this chain", { writer: head.writer, seal: body.seal });
  return undefined;
}

function referencesTo(newest: ReadonlyMap<string, Seal>, but: string): SealBody["others"] {
  return Object.fromEntries(
    [...newest.values()].filter((seal) => seal.writer !== but)
      .map((seal) => [seal.writer, { seal: seal.seal, hash: sealHash(seal).toHex() }]),
  );
}

/** Copies what the checkpoint lacks: the seal just made, and any that a crash kept from it. */
async function exportSeals(
  { sql, key, checkpoint, log }: SealerOptions,
  writer: string,
): Promise<void> {
  const copied = await checkpoint.newest(writer);
  for (let after = copied?.seal ?? 0;;) {
    const page = await listSeals(sql, writer, after, EXPORT_PAGE);
    for (const { seal, number } of page) {
      if (!seal) return log.error("A stored seal cannot be read", { writer, seal: number });
      await checkpoint.append(seal, seal.keyId === key.keyId ? key.publicKey : undefined);
      after = seal.seal;
    }
    if (page.length < EXPORT_PAGE) return;
  }
}
