import { createServiceAccount } from "../../../identity/mod.ts";
import type { Tier } from "../../../kernel/tiers.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { printChanged } from "../users/change.ts";

interface Flags {
  readonly name: string;
  readonly roles?: readonly Tier[];
  readonly owner?: string;
  readonly department?: string;
  readonly description?: string;
}

export default async function create(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const { roles = [], ...rest } = flags;
  const input = roles.length === 0 ? rest : { ...rest, roles };
  const account = await createServiceAccount(identityContext(this, sql), operatorOf(this), input);
  printChanged(this, "service-accounts.create", account, `Created the account ${account.name}`);
}
