import { checkDurability, getFacts } from "../../db/mod.ts";
import type { CliContext } from "../context.ts";
import { hasDatabase, openDatabase } from "../database.ts";
import { findProfile } from "../profile.ts";
import { type Check, fail, type Finding, ok, warn } from "./check.ts";

const SKEW_MS = 2000;

/** Whether the database answers, keeps what it confirms, and has our time. */
export const database: Check = {
  name: "database",
  async run(context) {
    const external = context.env.DATABASE_URL || (await findProfile(context))?.database.url;
    if (!external && !await hasDatabase(context.home)) {
      return warn("There is none yet", 'Run "spgov start" to make it.');
    }
    return await look(context);
  },
};

async function look(context: CliContext): Promise<Finding> {
  const { sql, kind } = await openDatabase(context, { statementTimeoutMs: 5000 });
  const { version } = await getFacts(sql);
  const weak = await checkDurability(sql);
  if (weak.length > 0) {
    const list = weak.map(({ setting, value, where }) => `${setting}=${value} (${where})`);
    return fail(
      `The server may forget what it confirmed: ${list.join(", ")}`,
      "Set fsync, full_page_writes and synchronous_commit to on: the service refuses to start.",
    );
  }
  if (Number(version.split(".")[0]) < 15) {
    return fail(`PostgreSQL ${version} is too old`, "Use PostgreSQL 15 or newer.");
  }
  const [row] = await sql<{ now: Date }[]>`select clock_timestamp() as now`;
  const skew = Math.abs((row?.now.getTime() ?? 0) - context.clock.now());
  const detail = `${kind}, PostgreSQL ${version}, durable`;
  if (skew <= SKEW_MS) return ok(detail);
  return warn(`${detail}, but its clock is ${skew} ms off`, "Keep both clocks with NTP.");
}
