import { getSecret } from "../../../vault/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { OwnerFlags } from "./flags.ts";
import { ownerOf } from "./open.ts";
import { secretView } from "./view.ts";

export default async function show(
  this: CliContext,
  flags: OwnerFlags,
  name: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const secret = await getSecret(sql, { owner: await ownerOf(sql, flags), name });
  this.out.card({ kind: "secrets.show", data: { ...secretView(secret, this.clock.now()) } });
}
