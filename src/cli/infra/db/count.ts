import { countRows } from "../../../db/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { getRelation, shortName } from "./relation.ts";

export default async function count(this: CliContext, _: object, table: string): Promise<void> {
  const { sql } = await openDatabase(this);
  const relation = await getRelation(sql, table);
  const data = { table: shortName(relation), count: await countRows(sql, relation) };
  this.out.card({ kind: "db.count", data });
}
