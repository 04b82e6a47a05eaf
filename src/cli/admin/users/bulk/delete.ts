import { deleteUsers } from "../../../../identity/mod.ts";
import { operatorOf } from "../../../actor.ts";
import { identityContext } from "../../../audit.ts";
import { confirm } from "../../../confirm.ts";
import type { CliContext } from "../../../context.ts";
import { openDatabase } from "../../../database.ts";
import { type BulkFlags, selectUsers } from "./select.ts";

export default async function bulkDelete(this: CliContext, flags: BulkFlags): Promise<void> {
  const { sql } = await openDatabase(this);
  const users = await selectUsers(this, sql, flags);
  const ids = users.map(({ id }) => id);
  if (flags.dryRun) {
    const data = { dry_run: true, would_delete: ids.length, users: ids };
    return this.out.card({ kind: "users.bulk.delete", data });
  }
  await confirm(this, `Delete ${ids.length} users and end their sessions?`, flags.yes);
  await deleteUsers(identityContext(this, sql), operatorOf(this), ids);
  this.out.card({ kind: "users.bulk.delete", data: { deleted: ids.length, users: ids } });
}
