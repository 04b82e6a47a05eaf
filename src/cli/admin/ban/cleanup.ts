import { deleteExpiredBans } from "../../../identity/mod.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { YesFlag } from "../../flags.ts";

export default async function cleanup(this: CliContext, { yes }: YesFlag): Promise<void> {
  const { sql } = await openDatabase(this);
  await confirm(this, "Forget the bans that are over?", yes);
  this.out.card({ kind: "ban.cleanup", data: { cleaned: await deleteExpiredBans(sql) } });
}
