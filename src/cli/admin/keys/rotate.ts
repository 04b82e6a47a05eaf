import { getApiKey, rotateApiKey } from "../../../identity/mod.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { YesFlag } from "../../flags.ts";
import { printMade } from "./print.ts";

export default async function rotate(
  this: CliContext,
  { yes }: YesFlag,
  reference: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const key = await getApiKey(sql, reference);
  await confirm(this, `Replace the key ${key.name} (${key.prefix})? It ends at once.`, yes);
  const made = await rotateApiKey(identityContext(this, sql), operatorOf(this), key);
  printMade(this, "keys.rotate", made);
}
