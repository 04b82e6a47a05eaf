import { readUserStats } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

export default async function stats(this: CliContext): Promise<void> {
  const { sql } = await openDatabase(this);
  this.out.card({ kind: "users.stats", data: { ...await readUserStats(sql) } });
}
