import { listUsersAfter, type User, type UserFilter } from "../../../identity/mod.ts";
import { type Column, COLUMNS, csvLine, INFORMATIVE } from "../../../identity/people_file/mod.ts";
import type { Pool } from "../../../db/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { FilterFlags } from "./flags.ts";
import { userCard } from "./view.ts";

interface Flags extends FilterFlags {
  readonly output?: string;
  readonly format: "json" | "csv";
  readonly department?: string;
  readonly limit?: number;
}

const PAGE = 2000;

export default async function exportUsers(this: CliContext, flags: Flags): Promise<void> {
  const { output, format, limit = Infinity, ...filter } = flags;
  const { sql } = await openDatabase(this);
  if (output !== undefined) return await writeFile(this, sql, output, format, filter, limit);
  const users: User[] = [];
  for await (const page of pagesOf(sql, filter, limit)) users.push(...page);
  const data = {
    users: users.map(userCard),
    total: users.length,
    exported_at: new Date(this.clock.now()),
  };
  const text = format === "csv"
    ? [csvLine(HEADING), ...users.map(csvOf)].join("").trimEnd()
    : JSON.stringify(data, null, 2);
  this.out.text({ kind: "users.export", text, data });
}

const HEADING: readonly string[] = [...COLUMNS, ...INFORMATIVE];

/** Writes beside the file and renames: whoever reads it finds all of it or the one before. */
async function writeFile(
  { out, clock }: CliContext,
  sql: Pool,
  path: string,
  format: Flags["format"],
  filter: UserFilter,
  limit: number,
): Promise<void> {
  const partial = `${path}.partial`;
  let total = 0;
  try {
    const file = await Deno.open(partial, {
      write: true,
      create: true,
      truncate: true,
      mode: 0o600,
    });
    using _ = file;
    const writer = file.writable.getWriter();
    const write = (text: string) => writer.write(new TextEncoder().encode(text));
    await write(format === "csv" ? csvLine(HEADING) : '{"users": [\n');
    for await (const page of pagesOf(sql, filter, limit)) {
      const lines = format === "csv" ? page.map(csvOf).join("") : jsonOf(page, total === 0);
      await write(lines);
      total += page.length;
      out.progress(`${total} users`);
    }
    const end = JSON.stringify({ total, exported_at: new Date(clock.now()) }).slice(1);
    await write(format === "csv" ? "" : `\n], ${end}\n`);
    await writer.close();
    await Deno.rename(partial, path);
  } catch (cause) {
    await Deno.remove(partial).catch(() => undefined);
    if (cause instanceof AppError) throw cause;
    throw new AppError("invalid", `Cannot write the file ${JSON.stringify(path)}`, { cause });
  }
  out.card({ kind: "users.export", data: { path, format, total } });
}

async function* pagesOf(sql: Pool, filter: UserFilter, limit: number): AsyncGenerator<User[]> {
  let after = "";
  for (let left = limit; left > 0;) {
    const page = await listUsersAfter(sql, filter, after, Math.min(PAGE, left));
    if (page.length > 0) yield page;
    if (page.length < Math.min(PAGE, left)) return;
    left -= page.length;
    after = page.at(-1)?.id ?? after;
  }
}

function jsonOf(users: readonly User[], isFirst: boolean): string {
  const text = users.map((user) => JSON.stringify(userCard(user))).join(",\n");
  return isFirst ? text : `,\n${text}`;
}

function csvOf(user: User): string {
  const cells: Readonly<Record<Column | typeof INFORMATIVE[number], string | null>> = {
    ...{ email: user.email, name: user.name, full_name: user.fullName },
    ...{ display_name: user.displayName, status: user.status, roles: user.roles.join(" ") },
    ...{ department: user.department, id: user.id, kind: user.kind },
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
    description: user.description,
  };
  return csvLine(HEADING.map((name) => cells[name as Column]));
}
