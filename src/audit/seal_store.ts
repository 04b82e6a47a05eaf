import type { Sql } from "../db/mod.ts";
import { isReferences, type Seal, type SealBody } from "./seal_format.ts";
import { integerOf, jsonOf, millisOf } from "./stored.ts";

/** A writer's head as it stands now. */
export interface HeadMark {
  readonly writer: string;
  readonly n: number;
  readonly batch: number;
  readonly root: Uint8Array;
}

/** Heads of all writers, or of those whose name starts with `prefix`. */
export async function listHeads(sql: Sql, prefix = ""): Promise<HeadMark[]> {
  const rows = await sql<{ writer: string; n: string; batch: string; root: Uint8Array }[]>`
    select writer, n::text, batch::text, root from audit_head
     where starts_with(writer, ${prefix}) order by writer
  `;
  return rows.map((row) => ({
    writer: row.writer,
    n: integerOf(row.n) ?? NaN,
    batch: integerOf(row.batch) ?? NaN,
    root: Uint8Array.from(row.root),
  }));
}

interface SealRow {
  readonly writer: string;
  readonly seal: string;
  readonly n: string;
  readonly batch: string;
  readonly root: Uint8Array;
  readonly sealedAt: string;
  readonly previousSeal: Uint8Array;
  readonly others: string;
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** A stored seal; `seal` is undefined when what is stored cannot be one (a time with microseconds, say). */
export interface StoredSeal {
  readonly writer: string;
  readonly number: number;
  readonly seal: Seal | undefined;
}

function columns(sql: Sql): ReturnType<Sql> {
  return sql`
    s.writer, s.seal::text, s.n::text, s.batch::text, s.root, extract(epoch from s.sealed_at)::text as sealed_at,
    s.previous_seal, s.others::text, s.key_id, s.signature
  `;
}

function toSeal(row: SealRow): StoredSeal {
  const [seal, n, batch] = [integerOf(row.seal), integerOf(row.n), integerOf(row.batch)];
  const sealedAt = millisOf(row.sealedAt);
  const others = jsonOf(row.others);
  const number = seal ?? NaN;
  if (seal === undefined || n === undefined || batch === undefined || sealedAt === undefined) {
    return { writer: row.writer, number, seal: undefined };
  }
  if (!isReferences(others)) return { writer: row.writer, number, seal: undefined };
  const body: SealBody = {
    writer: row.writer,
    seal,
    n,
    batch,
    root: Uint8Array.from(row.root),
    previousSeal: Uint8Array.from(row.previousSeal),
    sealedAt,
    others,
  };
  const signature = Uint8Array.from(row.signature);
  return { writer: row.writer, number, seal: { ...body, keyId: row.keyId, signature } };
}

/** The newest seal of each writer. */
export async function listNewestSeals(sql: Sql): Promise<Seal[]> {
  const rows = await sql<SealRow[]>`
    with recursive w as (
      (select writer from audit_seals order by writer limit 1)
      union all
      select (select s.writer from audit_seals s where s.writer > w.writer order by s.writer limit 1)
        from w where w.writer is not null
    )
    select ${columns(sql)}
      from w cross join lateral (
        select * from audit_seals a where a.writer = w.writer order by a.seal desc limit 1
      ) s
     order by s.writer
  `;
  return rows.map(toSeal).flatMap((stored) => stored.seal ?? []);
}

/** Seals of `writer` after number `after`, in order. */
export async function listSeals(
  sql: Sql,
  writer: string,
  after: number,
  limit: number,
): Promise<StoredSeal[]> {
  const rows = await sql<SealRow[]>`
    select ${columns(sql)} from audit_seals s
     where s.writer = ${writer} and s.seal > ${after} order by s.seal limit ${limit}
  `;
  return rows.map(toSeal);
}

/** The seals that `references` name, as far as they exist. */
export async function findSeals(
  sql: Sql,
  references: readonly { readonly writer: string; readonly seal: number }[],
): Promise<StoredSeal[]> {
  if (references.length === 0) return [];
  const json = JSON.stringify(references);
  const rows = await sql<SealRow[]>`
    select ${columns(sql)}
      from json_to_recordset(${json}::text::json) as r(writer text, seal bigint)
      join audit_seals s on s.writer = r.writer and s.seal = r.seal
  `;
  return rows.map(toSeal);
}

/** Writes a seal; false when that number is taken already. */
export async function insertSeal(sql: Sql, seal: Seal): Promise<boolean> {
  const rows = await sql`
    insert into audit_seals (writer, seal, n, batch, root, sealed_at, previous_seal, others, key_id, signature)
    values (${seal.writer}, ${seal.seal}, ${seal.n}, ${seal.batch}, ${seal.root}, ${new Date(
    seal.sealedAt,
  )},
            ${seal.previousSeal}, ${
    JSON.stringify(seal.others)
  }::text::jsonb, ${seal.keyId}, ${seal.signature})
    on conflict (writer, seal) do nothing
    returning seal
  `;
  return rows.length === 1;
}

/** The root after batch `batch` of `writer`, as its skeleton has it; undefined when it is not there. */
export async function findRoot(
  sql: Sql,
  writer: string,
  batch: number,
): Promise<Uint8Array | undefined> {
  const [row] = await sql<{ root: Uint8Array }[]>`
    select root from audit_batches where writer = ${writer} and batch = ${batch}
  `;
  return row && Uint8Array.from(row.root);
}
