import { getUser } from "../../../identity/mod.ts";
import type { Sql } from "../../../db/mod.ts";
import { forbidCoreDumps } from "../../../kernel/core_dumps.ts";
import { AppError } from "../../../kernel/errors.ts";
import { loadMasterKey, type SecretOwner, type VaultContext } from "../../../vault/mod.ts";
import { vaultContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { findProfile } from "../../profile.ts";
import { findServices } from "../../service/places.ts";
import type { OwnerFlags } from "./flags.ts";

/** The vault of this home, to change it. Throws `not_found` when the home has no master key yet. */
export async function openVaultContext(context: CliContext): Promise<VaultContext> {
  await forbidCoreDumps();
  const { key } = await loadMasterKey({ home: context.home, env: context.env });
  context.defer(() => key.wipe());
  const { sql } = await openDatabase(context);
  return vaultContext(context, sql, key);
}

/** Whose secrets the flags mean; undefined when they say nothing. */
export async function findOwner(
  sql: Sql,
  { user, department }: OwnerFlags,
): Promise<SecretOwner | undefined> {
  if (user !== undefined && department !== undefined) {
    throw new AppError("usage", 'Cannot combine "--user" with "--department"');
  }
  if (user !== undefined) return { kind: "user", id: (await getUser(sql, user)).id };
  return department === undefined ? undefined : { kind: "department", id: department };
}

/** As `findOwner`, everybody when the flags say nothing. */
export async function ownerOf(sql: Sql, flags: OwnerFlags): Promise<SecretOwner> {
  return await findOwner(sql, flags) ?? { kind: "global" };
}

/** Says which servers are not declared: a name with a typing error would get nothing, without a word. */
export async function warnOfUnknown(
  context: CliContext,
  servers: readonly string[] = [],
): Promise<void> {
  const services = await findServices(context, (await findProfile(context))?.services);
  for (const server of servers.filter((each) => !/^(idp|mail|log)\./.test(each))) {
    const file = await Deno.stat(`${services}/mcp/${server}.yaml`).catch(() => undefined);
    if (!file) context.out.warn(`No MCP server is called ${JSON.stringify(server)} yet`);
  }
}
