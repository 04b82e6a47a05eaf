import type { DatabaseAddress } from "../kernel/database_address.ts";
import { messageOf } from "../kernel/errors.ts";
import { randomBytes } from "../kernel/ids.ts";
import { openPool, type Pool, type Sql } from "./pool.ts";
import { scramVerifier } from "./scram.ts";

/** A login with the rights of one role and no others, or why there is none. */
export type OwnLogin =
  | { readonly ok: true; readonly address: DatabaseAddress }
  | { readonly ok: false; readonly reason: string };

/** The roles that isolates have: the migrations grant them what they may do. */
export type OwnLoginRole = "spgov_serve" | "spgov_vault" | "spgov_logs";

/**
 * Makes a login on an external server: a member of `role`, with a new random password that nobody keeps.
 * Unlike the owner under `SET ROLE`, whoever takes its connection over has no way back to the owner's
 * rights. Its name ends with the installation's, so that replicas do not change each other's passwords.
 */
export async function makeOwnLogin(
  sql: Pool,
  owner: DatabaseAddress,
  role: OwnLoginRole,
  instance: string,
): Promise<OwnLogin> {
  const name = `${role}_${instance}`;
  const password = randomBytes(32).toBase64({ alphabet: "base64url", omitPadding: true });
  const { role: _, ...place } = owner;
  const address = { ...place, user: name, password };
  try {
    await sql.begin(async (transaction) => {
      if (!await hasRole(transaction, name)) await transaction.unsafe(`create role "${name}"`);
      await transaction.unsafe(
        `alter role "${name}" login password '${scramVerifier(password, randomBytes(16))}'`,
      );
      await transaction.unsafe(`grant ${role} to "${name}"`);
    });
    await tryLogin(address, role);
    return { ok: true, address };
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}

/** Whether `makeOwnLogin` has a chance: the login may create roles. */
export async function mayMakeLogins(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ may: boolean }[]>`
    select rolsuper or rolcreaterole as may from pg_roles where rolname = current_user`;
  return row?.may === true;
}

async function hasRole(sql: Sql, name: string): Promise<boolean> {
  const rows = await sql`select 1 from pg_roles where rolname = ${name}`;
  return rows.length > 0;
}

/** The server's rules of access may know the login no way in: better found out before gateways start. */
async function tryLogin(address: DatabaseAddress, role: OwnLoginRole): Promise<void> {
  const sql = openPool(address, {
    max: 1,
    applicationName: "spgov login check",
    connectTimeoutSeconds: 5,
    statementTimeoutMs: 5000,
  });
  try {
    const [row] = await sql`select pg_has_role(${role}, 'usage') as may`;
    if (row?.may !== true) throw new Error(`The login has no rights of "${role}"`);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
