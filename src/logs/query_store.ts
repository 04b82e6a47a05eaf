import type { Sql } from "../db/mod.ts";
import { lowestUuidV7 } from "../kernel/ids.ts";
import type { LogLevel } from "../kernel/log.ts";
import type { LogLine } from "./line.ts";

/** Which lines are meant; all of them when nothing is given. */
export interface LineFilter {
  /** Of these levels. */
  readonly levels?: readonly LogLevel[] | undefined;
  /** Of a module or an isolate. */
  readonly module?: string | undefined;
  readonly since?: Date | undefined;
  /** Exclusive. */
  readonly until?: Date | undefined;
  /** Text that stands in the message or in the fields, whatever its case. */
  readonly text?: string | undefined;
  readonly trace?: string | undefined;
  readonly session?: string | undefined;
  readonly user?: string | undefined;
}

const COLUMNS =
  `id, created_at, level, isolate, module, message, user_id, session_id, task_id, trace_id,
  context_id, client_id, fields`;

function conditions(sql: Sql, filter: LineFilter): ReturnType<Sql> {
  const { levels, module, since, until, text, trace, session, user } = filter;
  return sql`
    ${levels === undefined ? sql`` : sql`and level = any(${[...levels]})`}
    ${module === undefined ? sql`` : sql`and (module = ${module} or isolate = ${module})`}
    ${since ? sql`and id >= ${lowestUuidV7(since.getTime())}` : sql``}
    ${until ? sql`and id < ${lowestUuidV7(until.getTime())}` : sql``}
    ${
    text === undefined
      ? sql``
      : sql`and (message ilike ${pattern(text)} or fields::text ilike ${pattern(text)})`
  }
    ${trace === undefined ? sql`` : sql`and trace_id = ${trace}`}
    ${session === undefined ? sql`` : sql`and session_id = ${session}`}
    ${user === undefined ? sql`` : sql`and user_id = ${user}`}
  `;
}

function pattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
}

/** Lines that a filter lets through, newest first, older than the line `before` where that is given. */
export async function listLines(
  sql: Sql,
  filter: LineFilter,
  before: string | undefined,
  limit: number,
): Promise<LogLine[]> {
  return await sql<LogLine[]>`
    select ${sql.unsafe(COLUMNS)} from logs
     where true ${conditions(sql, filter)}
     ${before === undefined ? sql`` : sql`and id < ${before}`}
     order by id desc limit ${limit}
  `;
}

/** The same, oldest first, after the line `after`. */
export async function listLinesAfter(
  sql: Sql,
  filter: LineFilter,
  after: string | undefined,
  limit: number,
): Promise<LogLine[]> {
  return await sql<LogLine[]>`
    select ${sql.unsafe(COLUMNS)} from logs
     where true ${conditions(sql, filter)}
     ${after === undefined ? sql`` : sql`and id > ${after}`}
     order by id limit ${limit}
  `;
}

/** The line of that id. */
export async function findLine(sql: Sql, id: string): Promise<LogLine | undefined> {
  const [line] = await sql<LogLine[]>`
    select ${sql.unsafe(COLUMNS)} from logs where id = ${id}
  `;
  return line;
}

/** Lines whose trace begins with a prefix, oldest first. */
export async function listTraceLines(sql: Sql, prefix: string, limit: number): Promise<LogLine[]> {
  return await sql<LogLine[]>`
    select ${sql.unsafe(COLUMNS)} from logs
     where trace_id <> 'none' and trace_id ~>=~ ${prefix} and trace_id ~<~ ${`${prefix}\u{10ffff}`}
     order by id limit ${limit}
  `;
}

export interface LineTally {
  readonly level: LogLevel;
  readonly module: string;
  readonly lines: number;
  readonly first: Date;
  readonly last: Date;
}

/** How many lines there are of each level and module, the most frequent first. */
export async function tallyLines(
  sql: Sql,
  filter: Pick<LineFilter, "since" | "until">,
): Promise<LineTally[]> {
  return await sql<LineTally[]>`
    select level, module, count(*) as lines, min(created_at) as first, max(created_at) as last
      from logs where true ${conditions(sql, filter)}
     group by level, module order by lines desc, 1, 2
  `;
}

/** How far each writer is. */
export async function listLogHeads(sql: Sql): Promise<Map<string, number>> {
  const rows = await sql<{ writer: string; n: number }[]>`select writer, n from log_heads`;
  return new Map(rows.map(({ writer, n }) => [writer, n]));
}

/** A writer's lines after number `after`, in the order in which they became durable. */
export async function listLinesOfWriter(
  sql: Sql,
  writer: string,
  after: number,
  { levels, limit }: { readonly levels: readonly LogLevel[]; readonly limit: number },
): Promise<(LogLine & { readonly n: number })[]> {
  return await sql<(LogLine & { n: number })[]>`
    select ${sql.unsafe(COLUMNS)}, n from logs
     where writer = ${writer} and n > ${after} and level = any(${[...levels]})
     order by n limit ${limit}
  `;
}
