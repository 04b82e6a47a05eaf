import { deleteUser, getServiceAccount } from "../../../identity/mod.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { YesFlag } from "../../flags.ts";
import { printChanged } from "../users/change.ts";

export default async function remove(
  this: CliContext,
  { yes }: YesFlag,
  reference: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const account = await getServiceAccount({ sql }, reference);
  await confirm(this, `Delete the service account ${account.name} and end its keys?`, yes);
  const gone = await deleteUser(identityContext(this, sql), operatorOf(this), account.id);
  printChanged(this, "service-accounts.delete", gone, `Deleted the account ${gone.name}`);
}
