import { getApiKey } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { keyRow } from "./view.ts";

export default async function show(this: CliContext, _: object, reference: string): Promise<void> {
  const { sql } = await openDatabase(this);
  const key = await getApiKey(sql, reference);
  this.out.card({ kind: "keys.show", data: keyRow(key, this.clock.now()) });
}
