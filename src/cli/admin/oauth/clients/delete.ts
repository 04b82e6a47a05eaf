import { LOCAL_OPERATOR } from "../../../../identity/mod.ts";
import { deleteClient } from "../../../../oauth/mod.ts";
import { identityContext } from "../../../audit.ts";
import { confirm } from "../../../confirm.ts";
import type { CliContext } from "../../../context.ts";
import { openDatabase } from "../../../database.ts";
import type { YesFlag } from "../../../flags.ts";

export default async function deleteOne(
  this: CliContext,
  { yes }: YesFlag,
  id: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  await confirm(this, `Delete the client ${id} and end its sessions?`, yes);
  const { ended } = await deleteClient(identityContext(this, sql), LOCAL_OPERATOR, id);
  this.out.card({ kind: "oauth.client_deleted", data: { id, sessions_ended: ended } });
}
