import { clearLevels } from "../../../logs/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { recordAdmin } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

export default async function clear(
  this: CliContext,
  _: NonNullable<unknown>,
  module: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const cleared = await sql.begin(async (tx) => {
    const count = await clearLevels(tx, module);
    const target = "cli:infra logs level clear";
    if (count > 0) await recordAdmin(this, tx, { target, decision: "ok", detail: { module } });
    return count;
  });
  if (cleared === 0) {
    throw new AppError("not_found", `No level was set for "${module}"`, {
      hint: 'See "spgov infra logs level list".',
    });
  }
  this.out.card({ kind: "logs.level", data: { module, level: null } });
}
