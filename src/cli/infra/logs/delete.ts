import { removeAllLines } from "../../../logs/mod.ts";
import { recordAdmin } from "../../audit.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { YesFlag } from "../../flags.ts";

export default async function deleteLines(this: CliContext, { yes }: YesFlag): Promise<void> {
  const { sql } = await openDatabase(this, { statementTimeoutMs: 0 });
  await confirm(this, "Remove every log line?", yes);
  const count = await sql.begin(async (tx) => {
    const removed = await removeAllLines(tx);
    const action = {
      target: "cli:infra logs delete",
      decision: "ok",
      detail: { removed },
    } as const;
    await recordAdmin(this, tx, action);
    return removed;
  });
  this.out.card({
    kind: "logs.delete",
    data: { deleted_count: count, vacuum_performed: false },
  });
}
