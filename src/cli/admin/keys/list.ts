import { countApiKeys, getUser, listApiKeys } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { PageFlags } from "../users/flags.ts";
import { KEY_COLUMNS, keyRow } from "./view.ts";

interface Flags extends PageFlags {
  readonly user?: string;
  readonly active: boolean;
}

export default async function list(this: CliContext, flags: Flags): Promise<void> {
  const { user, active, ...page } = flags;
  const { sql } = await openDatabase(this);
  const owner = user === undefined ? {} : { userId: (await getUser(sql, user)).id };
  const keys = await listApiKeys(sql, { ...owner, active }, page);
  const rows = keys.map((key) => keyRow(key, this.clock.now()));
  const total = await countApiKeys(sql, { ...owner, active });
  this.out.table({
    kind: "keys.list",
    rows,
    columns: KEY_COLUMNS,
    data: { keys: rows, total, ...page },
    empty: "No key.",
  });
}
