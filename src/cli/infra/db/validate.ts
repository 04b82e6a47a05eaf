import {
  checkDurability,
  listDisabledTriggers,
  listIndexes,
  listTables,
  MIGRATIONS,
  migrationStatus,
  type Sql,
} from "../../../db/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { EXIT } from "../../exit.ts";
import { cardView, listView } from "../../output/view.ts";

export default async function validate(this: CliContext): Promise<void> {
  const { sql } = await openDatabase(this);
  const actual = (await listTables(sql)).map(({ name }) => name);
  const expected = expectedTables();
  const missing = expected.filter((name) => !actual.includes(name));
  const extra = actual.filter((name) => !expected.includes(name));
  const problems = [
    ...missing.map((name) => `Table ${name} is missing`),
    ...await migrationProblems(sql),
    ...await structureProblems(sql),
  ];
  const data = {
    valid: problems.length === 0,
    expected_tables: expected.length,
    actual_tables: actual.length,
    missing_tables: missing,
    extra_tables: extra,
    problems,
    message: problems.length === 0
      ? "The database is as expected"
      : "The database is not as expected",
  };
  const { problems: _problems, ...fields } = data;
  this.out.report({
    kind: "db.validate",
    data,
    views: [cardView(fields), listView(problems, "Problems")],
  });
  if (!data.valid) this.setExit(EXIT.invalid);
}

/** The tables that the migrations leave behind, partitions apart, in alphabetical order. */
function expectedTables(): string[] {
  const tables = new Set(["schema_migrations"]);
  const word =
    /^\s*(create|drop) table (?:if (?:not )?exists )?([a-z_][a-z0-9_]*)(\s+partition of)?/gm;
  for (const { sql } of MIGRATIONS) {
    for (const [, verb, name, partition] of sql.matchAll(word)) {
      if (name === undefined || partition !== undefined) continue;
      if (verb === "create") tables.add(name);
      else tables.delete(name);
    }
  }
  return [...tables].sort();
}

async function migrationProblems(sql: Sql): Promise<string[]> {
  try {
    const { pending } = await migrationStatus(sql, MIGRATIONS);
    return pending.map(({ version, name }) => `Migration ${version} ${name} is pending`);
  } catch (error) {
    if (error instanceof AppError) return [error.message];
    throw error;
  }
}

async function structureProblems(sql: Sql): Promise<string[]> {
  const triggers = await listDisabledTriggers(sql);
  const indexes = await listIndexes(sql);
  const weak = await checkDurability(sql);
  return [
    ...triggers.map(({ table, name }) => `Trigger ${name} on ${table} is switched off`),
    ...indexes.filter(({ valid }) => !valid).map(({ name }) => `Index ${name} is not valid`),
    ...weak.map(({ setting, value, where }) => `Setting ${setting} is ${value} (${where})`),
  ];
}
