import type { Sql } from "../db/mod.ts";
import type { WrittenLine } from "./line.ts";

/** A line on its way to the table, with the id that it gets there. */
export interface KeptLine extends WrittenLine {
  readonly id: string;
}

/** Stands between the values of a column: JSON escapes it, and `storable` takes it out of texts. */
const SEPARATOR = "\x1e";

const COLUMNS: readonly (readonly [string, string, (line: KeptLine) => string])[] = [
  ["id", "uuid", (line) => line.id],
  ["created_at", "timestamptz", (line) => line.ts],
  ["level", "text", (line) => line.level],
  ["isolate", "text", (line) => storable(line.isolate)],
  ["module", "text", (line) => storable(line.module)],
  ["message", "text", (line) => storable(line.message)],
  ["user_id", "text", (line) => storable(line.user_id)],
  ["session_id", "text", (line) => storable(line.session_id)],
  ["task_id", "text", (line) => storable(line.task_id)],
  ["trace_id", "text", (line) => storable(line.trace_id)],
  ["context_id", "text", (line) => storable(line.context_id)],
  ["client_id", "text", (line) => storable(line.client_id)],
  ["fields", "jsonb", (line) => storableJson(line.fields)],
];

const NAMES = COLUMNS.map(([name]) => name).join(", ");

/** Numbers the lines behind the writer's last one and inserts them, in one statement. */
const APPEND = `
with h as (
  insert into log_heads as l (writer, n) values ($1, $2::bigint)
  on conflict (writer) do update set n = l.n + excluded.n
  returning n
)
insert into logs (${NAMES}, writer, n)
select ${COLUMNS.map(([name, type]) => `x.${name}::${type}`).join(", ")}, $1, h.n - $2::bigint + x.k
  from h, unnest(${
  COLUMNS.map((_, i) => `string_to_array($${i + 3}::text, E'\\x1e')`).join(", ")
}) with ordinality as x(${NAMES}, k)
`;

/** Appends lines to the table, numbered in their order. */
export async function appendLines(
  sql: Sql,
  writer: string,
  lines: readonly KeptLine[],
): Promise<void> {
  const columns = COLUMNS.map(([, , valueOf]) => lines.map(valueOf).join(SEPARATOR));
  await sql.unsafe(APPEND, [writer, lines.length, ...columns], { prepare: true });
}

// deno-lint-ignore no-control-regex
const UNSTORABLE = /[\u0000\u001e]/g;

/** Text that PostgreSQL takes: NUL, the separator and lone surrogates become visible. */
function storable(text: string): string {
  const shown = UNSTORABLE.test(text)
    ? text.replace(UNSTORABLE, (unit) => unit === "\0" ? "\\u0000" : "\\u001e")
    : text;
  return shown.isWellFormed() ? shown : shown.toWellFormed();
}

/** JSON in which every escape is one that `jsonb` takes. */
function storableJson(value: unknown): string {
  const text = JSON.stringify(value ?? {});
  return /\\u(0000|d[89a-f])/.test(text) ? JSON.stringify(storableValue(value)) : text;
}

function storableValue(value: unknown): unknown {
  if (typeof value === "string") return storable(value);
  if (Array.isArray(value)) return value.map(storableValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [storable(name), storableValue(member)]),
  );
}
