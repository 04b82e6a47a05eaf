import { getApiKey, revokeApiKey } from "../../../identity/mod.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { YesFlag } from "../../flags.ts";
import { keyRow } from "./view.ts";

export default async function revoke(
  this: CliContext,
  { yes }: YesFlag,
  reference: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const key = await getApiKey(sql, reference);
  await confirm(this, `Revoke the key ${key.name} (${key.prefix})?`, yes);
  const ended = await revokeApiKey(identityContext(this, sql), operatorOf(this), key);
  const after = keyRow(await getApiKey(sql, key.id), this.clock.now());
  this.out.card({ kind: "keys.revoke", data: { ...after, ended } });
  this.out.note(
    ended ? `Revoked ${key.name}: void everywhere within a second` : "It had ended before",
  );
}
