import { updateUsers, type UserStatus } from "../../../../identity/mod.ts";
import { operatorOf } from "../../../actor.ts";
import { identityContext } from "../../../audit.ts";
import { confirm } from "../../../confirm.ts";
import type { CliContext } from "../../../context.ts";
import { openDatabase } from "../../../database.ts";
import { type BulkFlags, selectUsers } from "./select.ts";

interface Flags extends BulkFlags {
  readonly setStatus: UserStatus;
}

export default async function bulkUpdate(this: CliContext, flags: Flags): Promise<void> {
  const { setStatus: status } = flags;
  const { sql } = await openDatabase(this);
  const users = await selectUsers(this, sql, flags);
  const ids = users.filter((user) => user.status !== status).map(({ id }) => id);
  if (flags.dryRun) {
    const data = { dry_run: true, would_update: ids.length, new_status: status, users: ids };
    return this.out.card({ kind: "users.bulk.update", data });
  }
  await confirm(this, `Set the status of ${ids.length} users to ${status}?`, flags.yes);
  const updated = await updateUsers(identityContext(this, sql), operatorOf(this), ids, { status });
  const data = { updated, new_status: status, users: ids };
  this.out.card({ kind: "users.bulk.update", data });
}
