import { findRelation, listTables, type RelationName, type Sql } from "../../../db/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { didYouMean } from "../../../kernel/suggest.ts";

/** The table or view that the user named. Throws `not_found` with what may have been meant. */
export async function getRelation(sql: Sql, text: string): Promise<RelationName> {
  const found = await findRelation(sql, text);
  if (found) return found;
  const tables = await listTables(sql, { withPartitions: true, withViews: true });
  const hint = didYouMean(text, tables.map(({ name }) => name));
  throw new AppError("not_found", `Cannot find the table ${JSON.stringify(text)}`, {
    hint: hint ?? 'See "spgov infra db tables".',
  });
}

/** `audit`, or `archive.audit` for another schema. */
export function shortName({ schema, name }: RelationName): string {
  return schema === "public" ? name : `${schema}.${name}`;
}
