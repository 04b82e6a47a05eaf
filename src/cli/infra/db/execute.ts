import type { Pool } from "../../../db/mod.ts";
import { messageOf } from "../../../kernel/errors.ts";
import { recordAdmin } from "../../audit.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

interface Flags {
  readonly yes: boolean;
  readonly timeout: number;
}

const TARGET = "cli:infra db execute";

export default async function execute(this: CliContext, flags: Flags, text: string): Promise<void> {
  await confirm(this, "Change the database as its owner?", flags.yes);
  const { sql } = await openDatabase(this, { statementTimeoutMs: flags.timeout });
  const started = this.clock.monotonic();
  const { command, count } = await runRecorded(this, sql, text);
  const milliseconds = Math.round((this.clock.monotonic() - started) * 1000) / 1000;
  this.out.card({
    kind: "db.execute",
    data: {
      rows_affected: count,
      execution_time_ms: milliseconds,
      message: `${command}: ${count} ${count === 1 ? "row" : "rows"}`,
    },
  });
}

interface Done {
  readonly command: string;
  readonly count: number;
}

/** The statement and its row in one transaction; when it fails, a row of its own that says so. */
async function runRecorded(context: CliContext, pool: Pool, text: string): Promise<Done> {
  try {
    return await pool.begin(async (sql) => {
      const result = await sql.unsafe(text, [], { simple: false } as object);
      const done = { command: result.command ?? "done", count: result.count ?? 0 };
      await recordAdmin(context, sql, {
        target: TARGET,
        decision: "ok",
        detail: { sql: text, command: done.command, rows_affected: done.count },
      });
      return done;
    }) as Done;
  } catch (error) {
    await pool.begin((sql) =>
      recordAdmin(context, sql, {
        target: TARGET,
        decision: "error",
        detail: { sql: text, error: messageOf(error) },
      })
    );
    throw error;
  }
}
