/** Keeps a test database running until nobody has used it for ten minutes. Argument: its home folder. */
import { join } from "node:path";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { startEmbedded } from "../../src/postgres/mod.ts";
import { AppError } from "../../src/kernel/errors.ts";
import { createLog } from "../../src/kernel/log.ts";
import { dropStaleDatabases, TEST_TUNING } from "./test_database.ts";
import { KEEPER_LOCK } from "./test_server.ts";

const LINGER_MS = 10 * 60_000;
const LOOK_EVERY_MS = 15_000;

async function countUsers(admin: Pool): Promise<number> {
  const [row] = await admin`
    select count(*) as users from pg_stat_activity
     where backend_type = 'client backend' and pid <> pg_backend_pid()`;
  return row?.users ?? 0;
}

async function untilUnused(admin: Pool): Promise<void> {
  for (let last = performance.now(); performance.now() - last < LINGER_MS;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    if (await countUsers(admin) > 0) last = performance.now();
  }
}

async function keep(home: string): Promise<void> {
  using lock = await Deno.open(join(home, KEEPER_LOCK), { write: true, create: true });
  if (!await lock.tryLock(true)) return;
  const log = createLog({ module: "test-database" });
  const server = await startEmbedded({ home, log, tuning: TEST_TUNING, ballastMb: 0 });
  const admin = openPool(server.addresses.owner, { max: 1, applicationName: "lingering server" });
  try {
    await dropStaleDatabases(server.addresses.owner);
    await Promise.race([untilUnused(admin), server.exited]);
  } finally {
    await admin.end({ timeout: 0 });
    await server.stop();
  }
}

const [home] = Deno.args;
if (home === undefined) throw new Error("Name the home folder");
try {
  await keep(home);
} catch (error) {
  // Another one was faster: its server is as good.
  if (!(error instanceof AppError && error.code === "conflict")) throw error;
}
