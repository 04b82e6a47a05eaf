import { getUser, listPasskeys } from "../../../../identity/mod.ts";
import type { CliContext } from "../../../context.ts";
import { openDatabase } from "../../../database.ts";

export default async function list(
  this: CliContext,
  _flags: Readonly<Record<never, never>>,
  reference: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const user = await getUser(sql, reference);
  const rows = (await listPasskeys(sql, user.id)).map((passkey) => ({
    passkey_id: passkey.id,
    name: passkey.name,
    host: passkey.host,
    synced: passkey.synced,
    created_at: passkey.createdAt,
    last_used_at: passkey.lastUsedAt,
  }));
  this.out.table({
    kind: "users.passkeys.list",
    rows,
    columns: ["passkey_id", "name", "host", "synced", "created_at", "last_used_at"],
    data: { user_id: user.id, passkeys: rows },
    empty: "No passkey.",
  });
}
