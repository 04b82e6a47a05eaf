import type { Pool } from "../../db/mod.ts";
import type { Clock } from "../../kernel/clock.ts";
import {
  issuerOf,
  listKeyVersions,
  listMasters,
  listSecrets,
  loadMasterKey,
  type SecretFacts,
} from "../../vault/mod.ts";
import type { CliContext } from "../context.ts";
import { hasDatabase, openDatabase } from "../database.ts";
import { findProfile } from "../profile.ts";
import { type Check, fail, type Finding, ok, warn } from "./check.ts";

/** Secrets that expire within this time are named. */
const SOON_MS = 14 * 86_400_000;

/** Whether the vault opens with this home's key, and what has to be renewed. */
export const secrets: Check = {
  name: "secrets",
  async run(context) {
    const external = context.env.DATABASE_URL || (await findProfile(context))?.database.url;
    if (!external && !await hasDatabase(context.home)) return ok("There is no vault yet");
    const { sql } = await openDatabase(context, { statementTimeoutMs: 5000 });
    const [found] = await sql`select to_regclass('vault_keys') is not null as present`;
    if (!found?.present) return ok("There is no vault yet");
    return await lookAtKeys(context, sql) ?? expiries(await listSecrets(sql), context.clock);
  },
};

/** What is wrong with the vault's keys; undefined when nothing is. */
async function lookAtKeys({ home, env }: CliContext, sql: Pool): Promise<Finding | undefined> {
  const masters = await listMasters(sql);
  if (masters.length === 0) return undefined;
  const { key } = await loadMasterKey({ home, env });
  const own = issuerOf(key);
  key.wipe();
  if (!masters.includes(own)) {
    return fail(
      "Another master key closed the vault: no secret can be opened",
      "Give this home the master key that the secrets were set with.",
    );
  }
  if (masters.length > 1) {
    return warn(
      "Two master keys open the vault",
      "Start every replica with the new one, then: spgov cloud secrets rotate-key --master --finish",
    );
  }
  return (await listKeyVersions(sql)).length === 1
    ? undefined
    : warn("A rotation of the vault's key is not finished", "Run: spgov cloud secrets rotate-key");
}

function expiries(all: readonly SecretFacts[], clock: Clock): Finding {
  const due = all.filter(({ expiresAt }) =>
    expiresAt !== null && expiresAt.getTime() < clock.now() + SOON_MS
  );
  if (due.length === 0) return ok(`${all.length} secrets, none expires within 14 days`);
  const list = due.map(({ name, expiresAt }) => `${name} (${expiresAt?.toISOString()})`);
  return warn(
    `${all.length} secrets, of which expired or expiring within 14 days: ${list.join(", ")}`,
    "Renew one: spgov cloud secrets rotate NAME --expires 90d",
  );
}
