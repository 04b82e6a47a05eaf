import type { Sql } from "../db/mod.ts";

/** A chain with rows that no seal covers although they are older than they should be. */
export interface UnsealedChain {
  readonly writer: string;
  readonly n: number;
  readonly sealedTo: number;
}

/** Chains whose newest row is older than `ms` and not sealed. */
export async function findUnsealed(sql: Sql, ms: number): Promise<UnsealedChain[]> {
  return await sql<UnsealedChain[]>`
    select h.writer, h.n, coalesce(s.n, 0) as sealed_to
      from audit_head h
      left join lateral (
        select n from audit_seals where writer = h.writer order by seal desc limit 1) s on true
     where h.n > coalesce(s.n, 0) and h.last_at < clock_timestamp() - make_interval(secs => ${ms}::float8 / 1000)
     order by h.writer
  `;
}
