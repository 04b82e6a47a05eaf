import type { Sql } from "../db/mod.ts";

const CHUNK = 100_000;
/** Chunks that are written at the same time: making the rows takes the server longer than storing them. */
const AT_ONCE = 2;

/**
 * Fills the audit with `count` rows as real calls leave them, spread over the time before now inside this
 * month's partition. They belong to no chain: good for measuring, nothing for `verify`.
 */
export async function seedRows(
  sql: Sql,
  count: number,
  progress: (done: number) => void,
): Promise<void> {
  let next = 0;
  let done = 0;
  async function work(): Promise<void> {
    for (let from = next; from < count; from = next) {
      next += CHUNK;
      const size = Math.min(CHUNK, count - from);
      await seedChunk(sql, from, size, count);
      progress(done += size);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await sql`analyze audit`;
}

/** Ids are UUIDv7 of the row's time, so that the index grows as it does in life. */
async function seedChunk(sql: Sql, from: number, count: number, of: number): Promise<void> {
  await sql`
    insert into audit
    select id, at, 'decision', id, 'user-' || n % 200, 'sess_seed_' || n % 20000, 'toolu_' || n,
           md5(n::text), 'ctx-' || n % 5000, 'claude-code', 'user', 'hook',
           (array['tool:Read', 'tool:Bash', 'tool:Edit', 'mcp:github/create_issue'])[1 + n % 4],
           case when n % 20 = 0 then 'deny' else 'allow' end,
           case when n % 20 = 0 then 'secret_detection' else 'default_allow' end,
           jsonb_build_object(
             'event', 'PreToolUse', 'reason', 'No rule objects', 'rule', 'default_allow',
             'revision', '0123456789ab', 'input', jsonb_build_object('file_path', '/home/dev/shop/src/part_' || n),
             'rules', jsonb_build_array(
               jsonb_build_array('scope', 'role_permission', 'pass', 1),
               jsonb_build_array('secrets', 'detectors', 'pass', n % 40),
               jsonb_build_array('blocklist', 'arguments', 'pass', n % 30))),
           0, 100 + n % 1000
      from (select n, at,
                   (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' ||
                    substr(md5('a' || n), 1, 3) || '8' || substr(md5('b' || n), 1, 15))::uuid as id
              from (select n, date_trunc('milliseconds', start + (clock_timestamp() - start) * (n::float8 / ${of}::int)) as at
                      from generate_series(${from}::int, ${from + count - 1}::int) as n,
                           (select date_trunc('month', now() at time zone 'UTC') at time zone 'UTC') as s(start)
                   ) as times) as rows
  `;
}

/** A category of `count` more rules, each with a name, an argument and a shell condition that nothing here meets. */
export function extraBlocklist(count: number): string {
  const rules = Array.from({ length: count }, (_, i) =>
    [
      `      - id: extra_${i}`,
      `        description: a rule of the benchmark`,
      `        names: [wipe_cluster_${i}]`,
      `        arguments:`,
      `          - { paths: ["*.resource_${i}"], words: ["erase volume${i}"] }`,
      `          - { regex: "shred-table-${i}\\\\b" }`,
      `        shell:`,
      `          - { command: purgectl${i}, flags: ["-f|--force"], args: ["cluster*"] }`,
    ].join("\n"));
  return `\n  bench:\n    description: Rules of the benchmark\n    rules:\n${rules.join("\n")}\n`;
}
