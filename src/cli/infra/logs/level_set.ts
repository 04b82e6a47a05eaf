import { isLevel, setLevel } from "../../../logs/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { LOG_LEVELS } from "../../../kernel/log.ts";
import { recordAdmin } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

interface Flags {
  readonly for?: number;
}

const MODULE = /^(\*|[a-z][a-z0-9-]{0,63})$/;

export default async function set(
  this: CliContext,
  flags: Flags,
  module: string,
  level: string,
): Promise<void> {
  if (!MODULE.test(module)) {
    throw new AppError("usage", `Cannot use ${JSON.stringify(module)}: expected a module or "*"`);
  }
  if (!isLevel(level)) {
    const expected = LOG_LEVELS.join(", ");
    throw new AppError("usage", `Cannot use ${JSON.stringify(level)}: expected ${expected}`);
  }
  const until = flags.for === undefined ? null : new Date(this.clock.now() + flags.for);
  const { sql } = await openDatabase(this);
  const detail = { module, level, until: until?.toISOString() ?? null };
  await sql.begin(async (tx) => {
    await setLevel(tx, { module, level, setBy: "cli", until });
    await recordAdmin(this, tx, { target: "cli:infra logs level set", decision: "ok", detail });
  });
  this.out.card({
    kind: "logs.level",
    data: detail,
  });
}
