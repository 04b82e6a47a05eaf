import { listKeys } from "../../../../oauth/mod.ts";
import type { CliContext } from "../../../context.ts";
import { openDatabase } from "../../../database.ts";

export default async function list(this: CliContext): Promise<void> {
  const { sql } = await openDatabase(this);
  const rows = (await listKeys(sql)).map(({ kid, createdAt, signsFrom, verifiesUntil }) => ({
    kid,
    created_at: createdAt,
    signs_from: signsFrom,
    verifies_until: verifiesUntil,
  }));
  this.out.table({
    kind: "oauth.keys",
    rows,
    columns: ["kid", "created_at", "signs_from", "verifies_until"],
    data: { keys: rows },
    empty: "No key yet: the first token makes one.",
  });
}
