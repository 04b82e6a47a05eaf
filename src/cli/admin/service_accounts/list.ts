import { countUsers, getUser, listUsers } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { PageFlags } from "../users/flags.ts";
import { userRow } from "../users/view.ts";

interface Flags extends PageFlags {
  readonly owner?: string;
}

export default async function list(this: CliContext, flags: Flags): Promise<void> {
  const { owner, ...page } = flags;
  const { sql } = await openDatabase(this);
  const whose = owner === undefined ? {} : { ownerId: (await getUser(sql, owner)).id };
  const filter = { kind: "service", ...whose } as const;
  const rows = (await listUsers(sql, filter, page)).map((account) => ({
    ...userRow(account),
    owner_id: account.ownerId,
  }));
  this.out.table({
    kind: "service-accounts.list",
    rows,
    columns: ["id", "name", "status", "roles", "department", "owner_id", "created_at"],
    data: { service_accounts: rows, total: await countUsers(sql, filter), ...page },
    empty: "No service account.",
  });
}
